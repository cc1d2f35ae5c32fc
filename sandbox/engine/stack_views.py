"""pulumi stack, and its sub-commands that show, export or import what a stack holds."""

from __future__ import annotations

import contextlib
import json
import shlex
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sandbox.engine.backend import StackReference, versioned
from sandbox.engine.config import mask, read, value_document
from sandbox.engine.context import Context
from sandbox.engine.errors import CommandError
from sandbox.engine.state import STACK_TYPE, Resource, Snapshot, check_version
from sandbox.engine.tree import branches, columns
from sandbox.engine.values import PropertyMap, is_secret, mapped
from sandbox.engine.values import reveal as without_secrets

_CHANGES = {"create": "+", "delete": "-", "update": "~", "same": " "}


def ls(context: Context) -> None:
    arguments = context.arguments
    project = arguments.project or ("*" if arguments.all else context.project.name)
    stacks = [(stack, context.backend.read(stack)) for stack in context.backend.stacks(project)]
    if arguments.json:
        print(json.dumps([_summary(context, *each) for each in stacks], indent=2))
        return
    table = [("NAME", "LAST UPDATE", "RESOURCE COUNT")]
    for stack, deployment in stacks:
        here = context.found_project and stack.project == context.found_project.name
        name = stack.name if here and not hasattr(arguments, "fully_qualify_stack_names") else str(stack)
        when = _ago(deployment["manifest"]["time"]) if deployment else "n/a"
        count = str(len(deployment.get("resources") or []))
        table.append((name + "*" * context.is_selected(stack), when, count))
    print("\n".join(columns(table)))


def _summary(context: Context, stack: StackReference, deployment: PropertyMap) -> PropertyMap:
    summary = {"name": stack.name, "current": context.is_selected(stack)}
    when = deployment["manifest"]["time"][:23] + "Z"
    return summary | {"lastUpdate": when, "resourceCount": len(deployment.get("resources") or [])}


def _go_time(text: str) -> str:
    """As Go prints a time: `2026-11-24 21:21:13.2726 +0000 UTC`."""
    return f"{text.replace('T', ' ').rstrip('Z').rstrip('0').rstrip('.')} +0000 UTC"


def _ago(time: str) -> str:
    then = datetime.fromisoformat(time[:19] + "+00:00")
    seconds = int((datetime.now(UTC) - then).total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' * (count > 1)} ago"
    return "now" if seconds < 1 else f"{seconds} second{'s' * (seconds > 1)} ago"


def show(context: Context) -> None:
    arguments = context.arguments
    if arguments.show_name:
        print(context.stack.name)
        return
    snapshot = context.snapshot()
    print(f"Current stack is {context.stack.name}:\n    Managed by {socket.gethostname()}")
    if snapshot.time:
        print(
            f"    Last updated: {_ago(snapshot.time)} ({_go_time(snapshot.time)})\n"
            f"    Pulumi version used: {snapshot.version}"
        )
    print(f"Current stack resources ({len(snapshot.resources)}):")
    if snapshot.resources:
        _tree(snapshot.resources, arguments.show_ids, arguments.show_urns)
        print()
        _print_outputs(_outputs(snapshot), arguments.show_secrets)
    else:
        print("    No resources currently in this stack")
    print("\nUse `pulumi stack select` to change stack; `pulumi stack ls` lists known ones")


def _tree(resources: list[Resource], ids: bool, urns: bool) -> None:
    by_urn = {resource.urn: resource for resource in resources}
    rows = [("TYPE", "NAME")]
    for urn, lead, below in branches({resource.urn: resource.parent for resource in resources}):
        resource = by_urn[urn]
        facts = [f"URN: {urn}"] * urns + [f"ID: {resource.id}"] * (ids and bool(resource.id))
        below_it = "".join(f"\n    {below}{fact}" for fact in facts)
        rows.append((lead + resource.type, resource.name + below_it))
    print("\n".join(f"    {line}" for line in columns(rows)))


def _outputs(snapshot: Snapshot) -> PropertyMap:
    return next((r.outputs for r in snapshot.resources if r.type == STACK_TYPE), {})


def masked_plain(value: object, reveal: bool) -> object:
    """Outputs as a person gets them: secrets in clear or as `[secret]`."""
    if reveal:
        return without_secrets(value)
    return mapped(value, lambda part: "[secret]" if is_secret(part) else part)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _print_outputs(outputs: PropertyMap, reveal: bool) -> None:
    if not outputs:
        print("Current stack outputs (0):\n    No output values currently in this stack")
        return
    print(f"Current stack outputs ({len(outputs)}):")
    rows = [
        ("OUTPUT", "VALUE"),
        *((key, _text(masked_plain(outputs[key], reveal))) for key in sorted(outputs)),
    ]
    print("\n".join(f"    {line}" for line in columns(rows)))


def output(context: Context) -> None:
    arguments = context.arguments
    outputs = _outputs(context.snapshot())
    if name := arguments.name:
        if name not in outputs:
            msg = f"current stack does not have output property '{name}'"
            raise CommandError(msg)
        value = masked_plain(outputs[name], reveal=arguments.show_secrets)
        if arguments.shell:
            print(f"{name}={shlex.quote(_text(value))}")
        else:
            print(json.dumps(value, indent=2, ensure_ascii=False) if arguments.json else _text(value))
    elif arguments.shell:
        for key in sorted(outputs):
            print(f"{key}={shlex.quote(_text(masked_plain(outputs[key], arguments.show_secrets)))}")
    elif arguments.json:
        plain = {key: masked_plain(outputs[key], arguments.show_secrets) for key in sorted(outputs)}
        print(json.dumps(plain, indent=2, ensure_ascii=False))
    else:
        _print_outputs(outputs, arguments.show_secrets)


def export(context: Context) -> None:
    deployment = context.deployment
    snapshot = context.codec.decode(deployment)
    if context.arguments.show_secrets:
        deployment = context.codec.encode(snapshot, show_secrets=True)
    text = json.dumps(
        versioned(snapshot.features()) | {"deployment": deployment}, indent=4, ensure_ascii=False
    )
    if file := context.arguments.file:
        with _opened(file):
            Path(file).write_text(text + "\n")
    else:
        print(text)


@contextlib.contextmanager
def _opened(file: str) -> Iterator[None]:
    """Turns what is wrong with a file that the command line names into a CommandError."""
    try:
        yield
    except OSError as error:
        msg = f"could not open file: open {file}: {(error.strerror or str(error)).lower()}"
        raise CommandError(msg) from None
    except ValueError as error:
        msg = f"could not read {file or 'stdin'} as a deployment: {error}"
        raise CommandError(msg) from None


def import_state(context: Context) -> None:
    file = context.arguments.file
    with _opened(file):
        document = json.loads(Path(file).read_text() if file else sys.stdin.read())
    check_version("the deployment to import", document)
    snapshot = context.codec.decode(document["deployment"] or {})
    foreign = [
        r.urn for r in snapshot.resources if not r.urn.startswith(f"urn:pulumi:{context.stack.name}::")
    ]
    if foreign and not context.arguments.force:
        problem = f"resource '{foreign[0]}' belongs to another stack"
        msg = f"{problem}; importing this file could be dangerous; --force overrides"
        raise CommandError(msg)
    if not context.arguments.force:
        snapshot.verify()
    with context.backend.lock(context.stack):
        context.save(snapshot)
    print("Import complete.")


def history(context: Context) -> None:
    arguments = context.arguments
    updates = context.backend.history(context.stack)
    if arguments.page_size:
        start = (max(arguments.page, 1) - 1) * arguments.page_size
        updates = updates[start : start + arguments.page_size]
    if arguments.json:
        print(json.dumps([_update(context, update) for update in updates], indent=2, ensure_ascii=False))
        return
    for update in updates:
        print(_told(update, arguments.full_dates))
    if not updates:
        page = arguments.page
        none = f"No stack updates found on page '{page}'" if page > 1 else "Stack has never been updated"
        print(none)


def _told(update: PropertyMap, full_dates: bool) -> str:
    changes, environment = update.get("resourceChanges") or {}, update["environment"]
    counts = [f"{sign}{changes.get(op, 0)}" for op, sign in _CHANGES.items()]
    started = datetime.fromtimestamp(update["startTime"], UTC).isoformat()
    when = _go_time(started[:19]) if full_dates else _ago(started)
    lines = [
        f"Version: {update['version']}",
        f"UpdateKind: {update['kind']}",
        f"Status: {update['result']}",
        f"Message: {update['message']}",
        f"{''.join(counts)} Updated {when} took {update['endTime'] - update['startTime']}s",
        *(f"    {key}: {environment[key]}" for key in sorted(environment) if environment[key].strip()),
    ]
    return "\n".join([*lines, ""])


def _update(context: Context, update: PropertyMap) -> PropertyMap:
    decrypt = context.decrypt if context.arguments.show_secrets else mask
    config: PropertyMap = {}
    for key, raw in (update.get("config") or {}).items():
        value = read(raw, decrypt)
        config[key] = value_document(value, context.arguments.show_secrets)
    times = {
        name: datetime.fromtimestamp(update[name], UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        for name in ("startTime", "endTime")
    }
    return {"version": update["version"]} | update | times | {"config": dict(sorted(config.items()))}
