"""Turns snapshots into deployments (format version 3) and back, with secrets encrypted."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sandbox.engine import VERSION
from sandbox.engine.errors import CommandError, unsupported
from sandbox.engine.passphrase import Passphrase
from sandbox.engine.state import JSON_NAMES, Resource, Snapshot, timestamp
from sandbox.engine.values import SECRET, SIGNATURE, PropertyMap, is_secret, mapped, secret

_ATTRIBUTES = {name: attribute for attribute, name in JSON_NAMES.items()}


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
        for name in ("snippets", "extensions"):
            if deployment.get(name):
                raise CommandError(unsupported(f"the state holds {name}, which are"))
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
            if value or name in ("urn", "custom"):
                encoded[name] = self._seal(value, (resource.urn, resource.delete, name), show_secrets)
        return encoded

    def _decode(self, encoded: PropertyMap) -> Resource:
        if unknown := sorted(encoded.keys() - _ATTRIBUTES.keys()):
            raise CommandError(unsupported(f"{encoded.get('urn')} has {unknown[0]!r} in its state, which is"))
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
    """The JSON to encrypt. Secrets within a secret stay marked, but are not encrypted again."""

    def marked(item: Any) -> Any:
        return {SIGNATURE: SECRET, "ciphertext": _text(item["value"])} if is_secret(item) else item

    return json.dumps(mapped(value, marked), separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def _value(text: str) -> Any:
    def unmarked(item: Any) -> Any:
        if not is_secret(item):
            return item
        return secret(_value(item["ciphertext"] if "ciphertext" in item else item["plaintext"]))

    return mapped(json.loads(text), unmarked)
