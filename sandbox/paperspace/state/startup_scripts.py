"""Startup scripts: run by root when an assigned machine boots (paperspace-api.md 1.3, 1.4).

The text is taken and never given back. That several scripts may be assigned to one machine, and run in the
order of their creation, is a guess.
"""

from __future__ import annotations

import base64
from typing import Any

from pydantic import Field

from sandbox.paperspace.state.database import Record, Table
from sandbox.paperspace.state.filters import name_matches
from sandbox.paperspace.state.identifiers import new_id
from sandbox.paperspace.state.pages import Page, PageQuery, page_of
from sandbox.paperspace.state.requests import Body
from sandbox.paperspace.state.world import World, atomic


class NewStartupScript(Body):
    name: str
    script: str
    is_run_once: bool = False


class StartupScriptChanges(Body):
    name: str | None = None
    script: str | None = None
    is_run_once: bool | None = None
    is_enabled: bool | None = None


class StartupScriptOnWire(Record):
    id: str
    name: str
    description: str | None = None
    is_enabled: bool = True
    is_run_once: bool
    assigned_machine_ids: list[str] = Field(default_factory=list)
    dt_created: str
    dt_deleted: str | None = None


class StartupScript(StartupScriptOnWire):
    """`has_run_on`: machines on which it ran since it was assigned to them."""

    script: str
    has_run_on: list[str] = Field(default_factory=list)

    def is_due_on(self, machine_id: str) -> bool:
        done = self.is_run_once and machine_id in self.has_run_on
        return self.is_enabled and machine_id in self.assigned_machine_ids and not done


def _table(world: World) -> Table[StartupScript]:
    return world.table("startup_scripts", StartupScript, "Startup script")


@atomic
def create(world: World, wanted: NewStartupScript) -> StartupScript:
    script = StartupScript(
        id=new_id("startup script"), dt_created=world.clock.date_time(), **wanted.model_dump()
    )
    _table(world).put(script.id, script)
    return script


@atomic
def get(world: World, script_id: str) -> StartupScript:
    """Raises NotFound."""
    return _table(world).get(script_id)


@atomic
def update(world: World, script_id: str, changes: StartupScriptChanges) -> StartupScript:
    """Raises NotFound."""
    return _change(world, get(world, script_id), **changes.sent())


@atomic
def delete(world: World, script_id: str) -> StartupScript:
    """The script as it was, with the date of its end. Raises NotFound."""
    script = get(world, script_id)
    _table(world).remove(script_id)
    return script.model_copy(update={"dt_deleted": world.clock.date_time()})


@atomic
def assign(world: World, script_id: str, machine_id: str) -> StartupScript:
    """The script runs at the machine's next boot, also when it ran there before. Raises NotFound."""
    script = get(world, script_id)
    assigned = [known for known in script.assigned_machine_ids if known != machine_id]
    has_run_on = [known for known in script.has_run_on if known != machine_id]
    return _change(world, script, assigned_machine_ids=[*assigned, machine_id], has_run_on=has_run_on)


@atomic
def unassign(world: World, script_id: str, machine_id: str) -> StartupScript:
    """Raises NotFound."""
    script = get(world, script_id)
    assigned = [known for known in script.assigned_machine_ids if known != machine_id]
    return _change(world, script, assigned_machine_ids=assigned)


def unassign_all(world: World, machine_id: str) -> None:
    for script in all_scripts(world):
        if machine_id in script.assigned_machine_ids:
            unassign(world, script.id, machine_id)


def due_on(world: World, machine_id: str) -> list[StartupScript]:
    """The scripts that run when the machine boots now."""
    return [script for script in all_scripts(world) if script.is_due_on(machine_id)]


def mark_run(world: World, script_ids: list[str], machine_id: str) -> None:
    for script in all_scripts(world):
        if script.id in script_ids:
            _change(world, script, has_run_on=[*script.has_run_on, machine_id])


def as_one(scripts: list[StartupScript]) -> str | None:
    """One text that runs all of them, each as its own program; None when there are none."""
    if len(scripts) < 2:
        return scripts[0].script if scripts else None
    lines = ["#!/bin/sh"]
    for script in scripts:
        encoded = base64.b64encode(script.script.encode()).decode()
        lines.append('program=$(mktemp) && chmod 700 "$program"')
        lines.append(f'echo {encoded} | base64 -d > "$program" && "$program"; rm -f "$program"')
    return "\n".join(lines) + "\n"


@atomic
def all_scripts(world: World) -> list[StartupScript]:
    return _table(world).all()


@atomic
def page(world: World, query: PageQuery, name: str | None = None) -> Page[StartupScript]:
    rows = [row for row in _table(world).rows() if name_matches(world, name, row.record.name)]
    by = (lambda found: found.name) if query.order_by == "name" else (lambda found: found.dt_created)
    return page_of(rows, query, by, world.settings.page_size)


def _change(world: World, script: StartupScript, /, **changes: Any) -> StartupScript:
    changed = script.model_copy(update=changes)
    _table(world).put(script.id, changed)
    return changed
