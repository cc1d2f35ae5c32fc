"""Templates made from a machine that is off (paperspace-api.md 1.3, 1.5)."""

from __future__ import annotations

from typing import Any

from sandbox.paperspace.state.database import Record, Table
from sandbox.paperspace.state.filters import name_matches
from sandbox.paperspace.state.pages import Page, PageQuery, page_of
from sandbox.paperspace.state.requests import Body
from sandbox.paperspace.state.world import World, atomic


class NewCustomTemplate(Body):
    name: str
    machine_id: str


class CustomTemplateChanges(Body):
    name: str


class CustomTemplateOnWire(Record):
    id: str
    name: str
    agent_type: str
    operating_system_label: str
    region: str
    default_size_gb: int
    available_machine_types: list[dict[str, Any]]
    parent_machine_id: str
    dt_created: str
    dt_deleted: str | None = None


class CustomTemplate(CustomTemplateOnWire):
    """`os_template`: name of the OS template at the root; `ready` once its event has ended."""

    os_template: str
    ready: bool = False


def _table(world: World) -> Table[CustomTemplate]:
    return world.table("custom_templates", CustomTemplate, "Template")


def put(world: World, template: CustomTemplate) -> None:
    _table(world).put(template.id, template)


@atomic
def find(world: World, template_id: str) -> CustomTemplate | None:
    return _table(world).find(template_id)


@atomic
def get(world: World, template_id: str) -> CustomTemplate:
    """Raises NotFound."""
    return _table(world).get(template_id)


@atomic
def update(world: World, template_id: str, changes: CustomTemplateChanges) -> CustomTemplate:
    """Raises NotFound."""
    template = get(world, template_id).model_copy(update=changes.sent())
    put(world, template)
    return template


@atomic
def delete(world: World, template_id: str) -> CustomTemplate:
    """The template as it was, with the date of its end. Raises NotFound."""
    template = get(world, template_id)
    _table(world).remove(template_id)
    return template.model_copy(update={"dt_deleted": world.clock.date_time()})


@atomic
def all_templates(world: World) -> list[CustomTemplate]:
    return _table(world).all()


@atomic
def page(
    world: World, query: PageQuery, name: str | None = None, machine_id: str | None = None
) -> Page[CustomTemplate]:
    rows = [
        row
        for row in _table(world).rows()
        if name_matches(world, name, row.record.name) and machine_id in (None, row.record.parent_machine_id)
    ]
    by = (lambda found: found.name) if query.order_by == "name" else (lambda found: found.dt_created)
    return page_of(rows, query, by, world.settings.page_size)
