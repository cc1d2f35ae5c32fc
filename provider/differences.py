"""diff(): whether anything is to do, and whether it costs the disk. Unknown values never replace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provider.catalog import same_family, same_region
from provider.errors import UnknownTemplate
from provider.inputs import inputs_of
from provider.models import OsTemplate
from provider.templates import same_text
from provider.unknown import contains_unknown

FindTemplate = Callable[[str], OsTemplate]

UPDATE = frozenset(
    {
        "name",
        "identity",
        "disk_size",
        "public_ip_type",
        "auto_snapshot",
        "auto_shutdown",
        "startup_script",
        "power",
        "accessors",
    }
)
PLACE = frozenset({"machine_types", "regions"})
"""Wishes: only what the machine became counts."""


@dataclass(frozen=True)
class Difference:
    """`updates` and `replaces` are input names."""

    updates: list[str] = field(default_factory=list)
    replaces: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.updates and not self.replaces


def difference(olds: Mapping[str, Any], news: Mapping[str, Any], find_template: FindTemplate) -> Difference:
    """Between outputs in state and inputs wanted; `find_template` is called for a new template only."""
    before, after = inputs_of(olds), inputs_of(news)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    updates = sorted(key for key in changed & (UPDATE | PLACE) if _is_update(key, olds, after))
    replaces = sorted(key for key in changed if _is_replacement(key, olds, after, find_template))
    if "network" in changed and "network" not in replaces:
        updates.append("network")
    if "template" in changed and contains_unknown(after.get("template")):
        updates.append("template")
    return Difference(updates, replaces)


def _is_update(key: str, olds: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    if key not in PLACE or contains_unknown(after.get(key)):
        return True
    return key == "machine_types" and _needs_resize(olds, after) and not _leaves_family(olds, after)


def _is_replacement(
    key: str, olds: Mapping[str, Any], after: Mapping[str, Any], find_template: FindTemplate
) -> bool:
    if contains_unknown(after.get(key)):
        return False
    if key == "regions":
        present = str(olds.get("region", ""))
        return bool(present) and not any(same_region(present, region) for region in after.get(key, []))
    if key == "machine_types":
        return _needs_resize(olds, after) and _leaves_family(olds, after)
    if key == "template":
        return not _same_template(olds, str(after.get(key)), find_template)
    return key == "network" and after.get(key) is None


def _needs_resize(olds: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    present = olds.get("machine_type")
    return bool(present) and present not in after.get("machine_types", [])


def _leaves_family(olds: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    present = str(olds.get("machine_type"))
    return not any(same_family(present, wanted) for wanted in after.get("machine_types", []))


def _same_template(olds: Mapping[str, Any], wanted: str, find_template: FindTemplate) -> bool:
    recorded_id = str(olds.get("template_id", ""))
    if same_text(wanted, recorded_id) or same_text(wanted, str(olds.get("template", ""))):
        return True
    try:
        return find_template(wanted).id == recorded_id
    except UnknownTemplate:
        return False
