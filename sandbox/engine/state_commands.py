"""pulumi state: edits of single resources in the recorded state."""

from __future__ import annotations

import json
from collections.abc import Callable

from sandbox.engine.context import Context
from sandbox.engine.errors import CommandError
from sandbox.engine.graph import dependants
from sandbox.engine.state import Resource, Snapshot


def _setting(attribute: str, value: bool, done: str) -> Callable[[Context], None]:
    """A command that sets one attribute of the resources that it is given."""

    def edit(context: Context) -> None:
        arguments = context.arguments
        with context.backend.lock(context.stack):
            snapshot = context.snapshot()
            changed = snapshot.resources if arguments.all else _found(snapshot, arguments.urns)
            for resource in changed:
                setattr(resource, attribute, value)
            context.save(snapshot)
        print(f"{'All' if arguments.all else len(changed)} resources {done}")

    return edit


protect = _setting("protect", True, "protected")
unprotect = _setting("protect", False, "unprotected")
taint = _setting("taint", True, "tainted")
untaint = _setting("taint", False, "untainted")


def _found(snapshot: Snapshot, urns: list[str]) -> list[Resource]:
    if not urns:
        msg = "Must supply <resource URN> unless pulumi is run interactively"
        raise CommandError(msg)
    found = []
    for urn in urns:
        matching = [resource for resource in snapshot.resources if resource.urn == urn]
        if not matching:
            names = "To list the resource URNs in the stack, run `pulumi stack --show-urns`"
            whole = "to inspect the full state, run `pulumi stack export`."
            msg = f'No such resource "{urn}" exists in the current state\n{names}; {whole}'
            raise CommandError(msg)
        found += matching
    return found


def delete(context: Context) -> None:
    """Forget a resource without touching the real thing; refused while others depend on it."""
    arguments = context.arguments
    with context.backend.lock(context.stack):
        snapshot = context.snapshot()
        doomed = list(snapshot.resources) if arguments.all else _found(snapshot, arguments.urns)
        for resource in list(doomed):
            needing = [
                r for r in dependants(resource, snapshot.resources, set(), children=True) if r not in doomed
            ]
            if needing and not arguments.target_dependents:
                named = [(json.dumps(r.name), r.urn) for r in needing]
                listed = "".join(f" * {name:<15} ({urn})\n" for name, urn in named)
                problem = "can't be safely deleted because the following resources depend on it"
                fix = "Delete those resources first or pass --target-dependents."
                msg = f"{resource.urn} {problem}:\n{listed}\n{fix}"
                raise CommandError(msg)
            doomed += needing
        guarded = [resource for resource in doomed if resource.protect]
        if guarded and not arguments.force:
            problem = "can't be safely deleted because it is protected"
            msg = f"{guarded[0].urn} {problem}. Re-run this command with --force to force deletion"
            raise CommandError(msg)
        snapshot.resources = [resource for resource in snapshot.resources if resource not in doomed]
        context.save(snapshot)
    count = len(arguments.urns)
    several = "Resources" if arguments.all else f"{count} resources"
    print(f"{'Resource' if count == 1 and not arguments.all else several} deleted")
