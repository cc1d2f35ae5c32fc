"""Resources as a deployment (format version 3) records them, and the codec that keeps their secrets encrypted.

Source of the format: sdk/go/common/apitype/core.go (ResourceV3, DeploymentV3) and checkpoints written by the CLI.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.engine import VERSION
from sandbox.engine.errors import CommandError
from sandbox.engine.passphrase import Passphrase
from sandbox.engine.values import SECRET, SIGNATURE, PropertyMap, is_secret, secret

STACK_TYPE = "pulumi:pulumi:Stack"
_FEATURES = {"hooks": "resource_hooks", "taint": "taint", "replaceWith": "replace_with"}


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
    replace_with: list[str] = field(default_factory=list)
    created: str = ""
    modified: str = ""
    source_position: str = ""
    stack_trace: list[dict[str, str]] = field(default_factory=list)
    ignore_changes: list[str] = field(default_factory=list)
    hide_diff: list[Any] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    replacement_trigger: Any = None
    resource_hooks: dict[str, list[str]] = field(default_factory=dict)

    def copy(self, **changes: Any) -> Resource:
        return dataclasses.replace(self, **changes)

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def is_provider(self) -> bool:
        return self.type.startswith("pulumi:providers:")

    def references(self) -> set[str]:
        """URNs of everything this resource needs: provider, parent, dependencies, deletedWith, replaceWith."""
        urns = {self.parent, self.deleted_with, self.provider.rpartition("::")[0], *self.dependencies}
        urns.update(self.replace_with, *self.property_dependencies.values())
        return urns - {""}


def _json_name(attribute: str) -> str:
    first, *rest = attribute.split("_")
    return first + "".join(part.capitalize() for part in rest)


JSON_NAMES = {f.name: _json_name(f.name) for f in dataclasses.fields(Resource)} | {"import_id": "importID"}
_ATTRIBUTES = {name: attribute for attribute, name in JSON_NAMES.items()}


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
        """What makes it a version 4 deployment: state that older CLIs do not know (pkg/resource/stack/deployment.go)."""
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


class Codec:
    """Turns snapshots into deployments and back. A secret that has not changed keeps its ciphertext."""

    def __init__(self, passphrase: Passphrase | None) -> None:
        self.passphrase = passphrase
        self._sealed: dict[tuple[Any, ...], tuple[str, str]] = {}

    def encode(self, snapshot: Snapshot, show_secrets: bool = False) -> PropertyMap:
        magic = hashlib.sha256(VERSION.encode()).hexdigest()
        deployment: PropertyMap = {"manifest": {"time": timestamp(), "magic": magic, "version": VERSION}}
        if self.passphrase:
            state = {"salt": self.passphrase.salt}
            deployment["secrets_providers"] = {"type": "passphrase", "state": state}
        if snapshot.resources:
            deployment["resources"] = [self._encode(each, show_secrets) for each in snapshot.resources]
        if snapshot.pending:
            pending = [
                {"resource": self._encode(each, show_secrets), "type": kind}
                for each, kind in snapshot.pending
            ]
            deployment["pending_operations"] = pending
        return deployment | {"metadata": snapshot.metadata}

    def decode(self, deployment: PropertyMap) -> Snapshot:
        for unsupported in ("snippets", "extensions"):
            if deployment.get(unsupported):
                msg = f"the state holds {unsupported}, which this engine does not support; use the real CLI"
                raise CommandError(msg)
        manifest = deployment.get("manifest", {})
        return Snapshot(
            [self._decode(each) for each in deployment.get("resources") or []],
            [
                (self._decode(each["resource"]), each["type"])
                for each in deployment.get("pending_operations") or []
            ],
            {key: value for key, value in deployment.get("metadata", {}).items() if key != "integrity_error"},
            manifest.get("time", ""),
            manifest.get("version", ""),
        )

    def _encode(self, resource: Resource, show_secrets: bool) -> PropertyMap:
        encoded: PropertyMap = {}
        for attribute, name in JSON_NAMES.items():
            value = getattr(resource, attribute)
            if value or name in ("urn", "custom") or (name == "replacementTrigger" and value is not None):
                encoded[name] = self._seal(value, (resource.urn, resource.delete, name), show_secrets)
        return encoded

    def _decode(self, encoded: PropertyMap) -> Resource:
        if unsupported := sorted(encoded.keys() - _ATTRIBUTES.keys()):
            problem = f"{encoded.get('urn')} has {unsupported[0]!r} in its state, which this engine does not support"
            msg = f"{problem}; use the real CLI"
            raise CommandError(msg)
        place = (encoded["urn"], encoded.get("delete", False))
        return Resource(**{_ATTRIBUTES[k]: self._open(v, (*place, k)) for k, v in encoded.items()})

    def _seal(self, value: Any, place: tuple[Any, ...], show_secrets: bool) -> Any:
        if is_secret(value):
            plain = _text(value["value"])
            body = {"plaintext": plain} if show_secrets else {"ciphertext": self._ciphertext(plain, place)}
            return {SIGNATURE: SECRET, **body}
        if isinstance(value, dict):
            return {key: self._seal(value[key], (*place, key), show_secrets) for key in sorted(value)}
        if isinstance(value, list):
            return [self._seal(item, (*place, index), show_secrets) for index, item in enumerate(value)]
        return value

    def _ciphertext(self, plain: str, place: tuple[Any, ...]) -> str:
        known = self._sealed.get(place)
        if known is None or known[0] != plain:
            if self.passphrase is None:
                msg = "the stack has no secrets provider; run `pulumi stack init` again"
                raise CommandError(msg)
            known = self._sealed[place] = (plain, self.passphrase.encrypt(plain))
        return known[1]

    def _open(self, value: Any, place: tuple[Any, ...]) -> Any:
        if is_secret(value):
            plain = (
                value["plaintext"] if "plaintext" in value else self._decrypted(value["ciphertext"], place)
            )
            return secret(_value(plain))
        if isinstance(value, dict):
            return {key: self._open(item, (*place, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._open(item, (*place, index)) for index, item in enumerate(value)]
        return value

    def _decrypted(self, ciphertext: str, place: tuple[Any, ...]) -> str:
        if self.passphrase is None:
            msg = "the state holds encrypted values but names no secrets provider"
            raise CommandError(msg)
        plain = self.passphrase.decrypt(ciphertext)
        self._sealed[place] = (plain, ciphertext)
        return plain


def _text(value: Any) -> str:
    """The JSON that is encrypted. Secrets within a secret stay marked, but are not encrypted a second time."""

    def marked(item: Any) -> Any:
        if is_secret(item):
            return {SIGNATURE: SECRET, "ciphertext": _text(item["value"])}
        if isinstance(item, dict):
            return {key: marked(each) for key, each in item.items()}
        return [marked(each) for each in item] if isinstance(item, list) else item

    return json.dumps(marked(value), separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def _value(text: str) -> Any:
    def unmarked(item: Any) -> Any:
        if is_secret(item):
            return secret(_value(item["ciphertext"] if "ciphertext" in item else item["plaintext"]))
        if isinstance(item, dict):
            return {key: unmarked(each) for key, each in item.items()}
        return [unmarked(each) for each in item] if isinstance(item, list) else item

    return unmarked(json.loads(text))


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
        msg = f"{what} {found}, which this engine does not read; use the real CLI"
        raise CommandError(msg)


def is_stack_name(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", name) is not None
