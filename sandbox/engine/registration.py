"""From a request to the resource that the program wants: inheritance, assets and source positions."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pulumi.runtime.proto import alias_pb2

from sandbox.engine.assets import with_hashes
from sandbox.engine.callbacks import camel
from sandbox.engine.errors import StepFailed, unsupported
from sandbox.engine.state import STACK_TYPE, Resource, make_urn
from sandbox.engine.steps import Goal
from sandbox.engine.values import from_struct, number

if TYPE_CHECKING:
    from sandbox.engine.session import Session

_UNIT_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_HOOKS = (
    "before_create",
    "after_create",
    "before_update",
    "after_update",
    "before_delete",
    "after_delete",
    "on_error",
)


def inherit(request: Any, parent: Any) -> None:
    """Options that a child takes from its parent (Go: inheritFromParent)."""
    request.deletedWith = request.deletedWith or parent.deletedWith
    for option in ("protect", "retainOnDelete"):
        if not request.HasField(option) and parent.HasField(option):
            setattr(request, option, getattr(parent, option))
    if not request.provider and (
        not request.custom or package(parent.provider.split("::")[2:3]) == package([request.type])
    ):
        request.provider = parent.provider
    for name, reference in parent.providers.items():
        request.providers.setdefault(name, reference) if not request.custom else None


def package(type_or_provider: list[str]) -> str:
    """The package of a resource type, or of a provider's type `pulumi:providers:<package>`."""
    if not type_or_provider:
        return ""
    text = type_or_provider[0]
    return text.removeprefix("pulumi:providers:").split(":")[0]


def seconds(text: str) -> float:
    """A Go duration such as `1h30m`. Raises StepFailed."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)", text)
    if "".join(count + unit for count, unit in parts) != text:
        msg = f"unable to parse customTimeout Value {text}: it is a duration such as 10m or 1h30m"
        raise StepFailed(msg)
    return number(sum((float(count) * _UNIT_SECONDS[unit] for count, unit in parts), 0.0))


def goal(request: Any, provider: str, session: Session) -> Goal:
    """The goal of a RegisterResource request whose provider has been resolved."""
    refuse(request)
    root = session.project.directory
    properties = with_hashes(from_struct(request.object), session.project.working_directory)
    dependencies = {key: list(each.urns) for key, each in request.propertyDependencies.items()}
    if not dependencies:
        dependencies = {key: list(request.dependencies) for key in properties}
    dependencies = {key: dependencies.get(key, []) for key in {**properties, **dependencies}}
    if request.type.startswith("pulumi:providers:") and request.version:
        properties |= {"version": request.version, "__internal": {}}
    new = Resource(
        urn=make_urn(session.stack.name, session.project.name, request.parent, request.type, request.name),
        type=request.type,
        custom=request.custom,
        inputs=properties,
        parent=request.parent,
        protect=request.protect,
        dependencies=list(request.dependencies),
        provider=provider,
        property_dependencies=dependencies,
        additional_secret_outputs=list(request.additionalSecretOutputs),
        custom_timeouts={
            name: seconds(text)
            for name in ("create", "update", "delete", "read")
            if (text := getattr(request.customTimeouts, name))
        },
        import_id=request.importId,
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        source_position=position(request.sourcePosition, root),
        stack_trace=trace(request.stackTrace, root),
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        resource_hooks={
            camel(name): list(names) for name in _HOOKS if (names := getattr(request.hooks, name))
        },
    )
    if new.type == STACK_TYPE:
        new.property_dependencies = {}
    before = (
        request.deleteBeforeReplace
        if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace
        else None
    )
    urns = [alias_pb2.Alias(urn=urn) for urn in request.aliasURNs]
    return Goal(new, request.name, before, [*urns, *request.aliases])


def refuse(request: Any) -> None:
    """Raises StepFailed for what this engine does not do, by name."""
    given = {field.name for field, _ in request.ListFields()}
    for field, name in (
        ("remote", "remote components"),
        ("packageRef", "parameterized packages"),
        ("state_migrations", "state migrations"),
        ("hideDiffs", "hide_diffs"),
        ("replace_with", "replace_with options"),
        ("replacement_trigger", "replacement triggers"),
        ("envVarMappings", "env_var_mappings"),
        ("pluginDownloadURL", "plugin_download_url"),
    ):
        if field in given:
            raise StepFailed(unsupported(f"{name} (asked for by {request.type} '{request.name}') are"))


def read_goal(request: Any, provider: str, session: Session) -> Resource:
    root = session.project.directory
    return Resource(
        urn=make_urn(session.stack.name, session.project.name, request.parent, request.type, request.name),
        type=request.type,
        custom=True,
        external=True,
        id=request.id,
        inputs=from_struct(request.properties),
        parent=request.parent,
        dependencies=list(request.dependencies),
        provider=provider,
        additional_secret_outputs=list(request.additionalSecretOutputs),
        source_position=position(request.sourcePosition, root),
        stack_trace=trace(request.stackTrace, root),
    )


def position(source: Any, root: Path) -> str:
    """`project:///<path from the project's root>#<line>`, as the CLI records it."""
    if not source.uri.startswith("file://"):
        return ""
    relative = os.path.relpath(urlsplit(source.uri).path, root)
    return f"project:///{relative}#{source.line}" + (f",{source.column}" if source.column else "")


def trace(stack: Any, root: Path) -> list[dict[str, str]]:
    """The program's frames, innermost first, and one of what runs it, as the CLI's has."""
    frames = list(stack.frames)
    while len(frames) > 1 and all(_is_of_the_engine(frame.pc.uri) for frame in frames[-2:]):
        frames.pop()
    positions = [position(frame.pc, root) for frame in frames]
    return [{"sourcePosition": text} if text else {} for text in positions]


def _is_of_the_engine(uri: str) -> bool:
    return not uri or uri.startswith(f"{Path(__file__).parent.as_uri()}/")
