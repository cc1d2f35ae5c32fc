"""Property values, held as plain JSON in the form they have on the wire.

Numbers are Python numbers; secrets, assets, archives and resource references are dicts that carry SIGNATURE;
a value
that is not known yet is the string UNKNOWN (sdk/go/common/resource/properties.go).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

HIDDEN = {SIGNATURE: SECRET, "value": UNKNOWN}
"""A secret that is not known yet."""

PropertyMap = dict[str, Any]


def signature(value: Any) -> str | None:
    return value.get(SIGNATURE) if isinstance(value, dict) else None


def is_secret(value: Any) -> bool:
    return signature(value) == SECRET


def secret(value: Any) -> PropertyMap:
    return value if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def has_secret(value: Any) -> bool:
    return is_secret(value) or any(has_secret(item) for item in children(value))


def has_unknown(value: Any) -> bool:
    return value == UNKNOWN or any(has_unknown(item) for item in children(value))


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """A copy, from the outside in: what `change` answers with itself is walked, any other answer is final."""
    changed = change(value)
    if changed is not value:
        return changed
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    return [mapped(item, change) for item in value] if isinstance(value, list) else value


def reveal(value: Any) -> Any:
    """The value without any secret wrapper, at every depth."""
    return mapped(value, lambda part: reveal(part["value"]) if is_secret(part) else part)


def plain(value: Any) -> Any:
    """`reveal`, with resource references as ids (URNs for components), for providers that take neither."""

    def change(part: Any) -> Any:
        if signature(part) == REFERENCE:
            return part.get("id", part["urn"])
        return plain(part["value"]) if is_secret(part) else part

    return mapped(value, change)


def elided(value: Any) -> Any:
    """Assets and archives by hash alone, as a provider gets them except in create and update."""

    def change(part: Any) -> Any:
        kind = signature(part)
        return {SIGNATURE: kind, "hash": part.get("hash", "")} if kind in (ASSET, ARCHIVE) else part

    return mapped(value, change)


def restored(value: Any, originals: Any) -> Any:
    """Put the content of elided assets back, found by hash in `originals`."""

    def change(part: Any) -> Any:
        if signature(part) not in (ASSET, ARCHIVE) or set(part) != {SIGNATURE, "hash"}:
            return part
        return next((known for known in _assets(originals) if known.get("hash") == part["hash"]), part)

    return mapped(value, change)


def _assets(value: Any) -> list[PropertyMap]:
    own = [value] if signature(value) in (ASSET, ARCHIVE) else []
    return own + [asset for item in children(value) for asset in _assets(item)]


def annotate(outputs: PropertyMap, inputs: PropertyMap) -> PropertyMap:
    """Mark as secret what is secret under the same name in `inputs` (Go: annotateSecrets)."""
    for key, given in inputs.items():
        if key not in outputs:
            continue
        value = outputs[key]
        if (
            isinstance(value, dict)
            and isinstance(given, dict)
            and not signature(value)
            and not signature(given)
        ):
            annotate(value, given)
        elif has_secret(given):
            outputs[key] = secret(value)
    return outputs


def from_wire(value: Value) -> Any:
    """Convert one protobuf value; output values become their plain, secret or unknown element."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _from_object(from_struct(value.struct_value))
    if kind == "list_value":
        return [from_wire(item) for item in value.list_value.values]
    if kind == "number_value":
        return number(value.number_value)
    return None if kind in (None, "null_value") else getattr(value, kind)


def number(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _from_object(value: PropertyMap) -> Any:
    if value.get(SIGNATURE) == SECRET and is_secret(value.get("value")):
        return value["value"]
    if value.get(SIGNATURE) in (ASSET, ARCHIVE):
        return {key: item for key, item in value.items() if item}
    if value.get(SIGNATURE) != OUTPUT:
        return value
    element = value.get("value", UNKNOWN)
    return secret(element) if value.get("secret") else element


def from_struct(struct: Struct) -> PropertyMap:
    return {key: from_wire(item) for key, item in struct.fields.items()}


def to_struct(properties: PropertyMap) -> Struct:
    struct = Struct()
    struct.update(properties)
    return struct


def masked(value: Any) -> Any:
    """A copy for events and displays: secrets keep their place but not their content."""
    hidden = {SIGNATURE: SECRET, "ciphertext": "[secret]"}
    return mapped(value, lambda part: hidden if is_secret(part) else part)
