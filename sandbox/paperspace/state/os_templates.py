"""Paperspace's own templates (paperspace-api.md 2.9). Ids stay, names change with each rebuild.

The six Windows templates are left out: they are closed to new users. The Fast.ai template is in the legacy
list of 2020 and is probably gone; the course notes need it, so a switch decides.
"""

from __future__ import annotations

from typing import Any

from sandbox.paperspace.state.database import Record, Row
from sandbox.paperspace.state.filters import name_matches
from sandbox.paperspace.state.machine_types import MACHINE_TYPES
from sandbox.paperspace.state.pages import Page, PageQuery, page_of
from sandbox.paperspace.state.world import World

MachineTypes = list[dict[str, Any]]


class OsTemplate(Record):
    id: str
    name: str
    agent_type: str = "LinuxHeadless"
    operating_system_label: str
    default_size_gb: int | None = None
    available_machine_types: list[dict[str, Any]]
    dt_created: str


def _types(only: frozenset[str] | None = None, without: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    labels = [label for label in MACHINE_TYPES if (only is None or label in only) and label not in without]
    return [{"machineTypeLabel": label, "isAvailable": True} for label in labels]


def _template(
    id: str, name: str, label: str, size: int | None, day: str, types: list[dict[str, Any]]
) -> OsTemplate:
    return OsTemplate(
        id=id,
        name=name,
        operating_system_label=label,
        default_size_gb=size,
        dt_created=f"{day}T00:00:00.000Z",
        available_machine_types=types,
    )


FAST_AI = "tzd1e8km"
_A100 = _types(frozenset({"A100", "A100-80G", "A100-80Gx8"}))
_H100 = _types(frozenset({"H100"}))
_H100X8 = _types(frozenset({"H100x8"}))
_NO_H100 = _types(without=frozenset({"H100", "H100x8"}))  # H100 works only with 22.04
_TEMPLATES = (
    _template("t0nspur5", "prod-u22-cpu-241018", "Ubuntu 22.04 Server", None, "2024-10-18", _types()),
    _template("t17d1a6i", "prod-u22-gpu-241021", "Ubuntu 22.04 Desktop", None, "2024-10-21", _types()),
    _template("tkni3aa4", "prod-u20-cpu-241101", "Ubuntu 20.04 Server", None, "2024-11-01", _NO_H100),
    _template("twnlo3zj", "mliab-u20-241101", "Ubuntu 20.04 (ML-in-a-Box)", None, "2024-11-01", _NO_H100),
    _template(
        "tvimtol9",
        "mliab-u22-241101",
        "Ubuntu 22.04 (ML-in-a-Box)",
        100,
        "2024-11-01",
        _types(without=frozenset({"A5000", "H100"})),
    ),
    _template("tqqsxr6b", "mliab-u22-241101-1x-a100", "Ubuntu 22.04", 100, "2024-11-01", _A100),
    _template("tilqt47t", "mliab-u22-241108-1x-h100", "Ubuntu 22.04", 100, "2024-11-08", _H100),
    _template("t7vp562h", "mliab-u22-241108-h100", "Ubuntu 22.04", 100, "2024-11-08", _H100X8),
    _template("t9taj00e", "centos-220817", "CentOS 7 Server", None, "2022-08-17", _NO_H100),
    _template(FAST_AI, "fast.ai", "Fast.ai", None, "2020-01-15", _NO_H100),
)


def listed(world: World) -> list[OsTemplate]:
    """What the list operation shows; the others cannot be used either."""
    return [template for template in _TEMPLATES if _is_listed(world, template)]


def _is_listed(world: World, template: OsTemplate) -> bool:
    if template.id == FAST_AI:
        return world.settings.list_fast_ai
    return world.settings.list_ml_in_a_box or not template.name.startswith("mliab")


def find(world: World, template_id: str) -> OsTemplate | None:
    return next((template for template in listed(world) if template.id == template_id), None)


def page(world: World, query: PageQuery, name: str | None = None) -> Page[OsTemplate]:
    rows = [
        Row(place, found)
        for place, found in enumerate(listed(world))
        if name_matches(world, name, found.name)
    ]
    return page_of(rows, query, lambda found: found.name, world.settings.page_size)
