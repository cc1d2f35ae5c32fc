"""Resources as a deployment (format version 3) records them.

Source of the format: sdk/go/common/apitype/core.go (ResourceV3, DeploymentV3) and checkpoints written by the
CLI.
"""

from __future__ import annotations

import dataclasses
import re
import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.engine.errors import CommandError, unsupported
from sandbox.engine.values import PropertyMap

STACK_TYPE = "pulumi:pulumi:Stack"
_FEATURES = {"hooks": "resource_hooks", "taint": "taint"}


@dataclass(eq=False)
class Resource:
    """One resource; the fields stand in the order in which the CLI writes them."""

    urn: str
    custom: bool = False
    delete: bool = False
    id: str = ""
    type: str = ""
    inputs: PropertyMap = field(default_factory=dict)
    outputs: PropertyMap = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    taint: bool = False
    external: bool = False
    dependencies: list[str] = field(default_factory=list)
    init_errors: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    pending_replacement: bool = False
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    created: str = ""
    modified: str = ""
    source_position: str = ""
    stack_trace: list[dict[str, str]] = field(default_factory=list)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    resource_hooks: dict[str, list[str]] = field(default_factory=dict)

    def copy(self, **changes: Any) -> Resource:
        return dataclasses.replace(self, **changes)

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def is_provider(self) -> bool:
        return self.type.startswith("pulumi:providers:")

    @property
    def is_default_provider(self) -> bool:
        return is_default_provider(self.urn)

    def references(self) -> set[str]:
        """URNs of everything this resource needs: provider, parent, dependencies, deletedWith."""
        urns = {self.parent, self.deleted_with, self.provider.rpartition("::")[0], *self.dependencies}
        urns.update(*self.property_dependencies.values())
        return urns - {""}


def _json_name(attribute: str) -> str:
    first, *rest = attribute.split("_")
    return first + "".join(part.capitalize() for part in rest)


JSON_NAMES = {f.name: _json_name(f.name) for f in dataclasses.fields(Resource)} | {"import_id": "importID"}


def timestamp() -> str:
    nanoseconds = time.time_ns()
    return (
        time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(nanoseconds // 10**9)) + f".{nanoseconds % 10**9:09d}Z"
    )


@dataclass
class Snapshot:
    """A stack's recorded state: resources in dependency order, and operations that were under way."""

    resources: list[Resource] = field(default_factory=list)
    pending: list[tuple[Resource, str]] = field(default_factory=list)
    metadata: PropertyMap = field(default_factory=dict)
    time: str = ""
    version: str = ""

    def features(self) -> list[str]:
        """What makes it a version 4 deployment, unknown to older CLIs (pkg/resource/stack)."""
        everything = [*self.resources, *(resource for resource, _ in self.pending)]
        return [
            name
            for name, attribute in _FEATURES.items()
            if any(getattr(each, attribute) for each in everything)
        ]

    def verify(self) -> None:
        """Raises CommandError when a resource comes before one that it refers to (Go: VerifyIntegrity)."""
        seen: set[str] = set()
        for resource in self.resources:
            if missing := sorted(resource.references() - seen):
                problem = (
                    f"resource {resource.urn} refers to {missing[0]}, which is missing or comes after it"
                )
                msg = f"snapshot integrity failure; refusing to use it: {problem}"
                raise CommandError(msg)
            seen.add(resource.urn)


def make_urn(stack: str, project: str, parent: str, kind: str, name: str) -> str:
    """The URN; the types of all parents below the stack are part of it."""
    parents = "" if not parent else parent.split("::")[2]
    qualified = kind if parents in ("", STACK_TYPE) else f"{parents}${kind}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def check_version(what: str, document: PropertyMap) -> None:
    """Raises CommandError unless `document` is version 3, or 4 with features that this engine knows."""
    unknown = sorted(set(document.get("features") or []) - set(_FEATURES))
    if document.get("version") not in (3, 4) or unknown:
        found = f"uses {unknown[0]}" if unknown else f"has version {document.get('version')}"
        raise CommandError(unsupported(f"{what} {found}, which is"))


def is_default_provider(urn: str) -> bool:
    """Default providers are never shown nor counted. They have no parent, so no type stands before theirs."""
    return "::pulumi:providers:" in urn and urn.rpartition("::")[2].startswith("default")


def is_stack_name(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", name) is not None
