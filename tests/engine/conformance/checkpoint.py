"""A checkpoint made comparable: secrets decrypted, and without what no two runs have in common.

Left out: times, source positions, stack traces, the order of dependencies, the manifest (it has its own test)
and the salt. Random ids, the machine's port and keys, and the directory get fixed names.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.engine.conformance.passphrase import decrypt

SIGNATURE = "4dabf18193072939515e22adb298388d"
_DROPPED = {"created", "modified", "sourcePosition", "stackTrace"}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def comparable(state: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Return {resources, pending_operations}; `names` maps local texts (a path, a port) to fixed ones."""
    latest = state["checkpoint"]["latest"] or {}
    salt = latest.get("secrets_providers", {}).get("state", {}).get("salt", "")
    plain = {
        "resources": sorted((_resource(item, salt) for item in latest.get("resources") or []), key=_order),
        "pending": [_resource(item["resource"], salt) for item in latest.get("pending_operations") or []],
    }
    return fixed_names(plain, names)


def fixed_names(value: Any, names: dict[str, str]) -> Any:
    text = json.dumps(value)
    for local, fixed in names.items():
        text = text.replace(json.dumps(local)[1:-1], fixed)
    return json.loads(_UUID.sub("UUID", text))


def _order(resource: dict[str, Any]) -> tuple[str, bool, str]:
    return resource["urn"], resource.get("delete", False), resource.get("id", "")


def _resource(resource: dict[str, Any], salt: str) -> dict[str, Any]:
    kept = {key: _reveal(value, salt) for key, value in resource.items() if key not in _DROPPED}
    if "dependencies" in kept:
        kept["dependencies"] = sorted(kept["dependencies"])
    if "propertyDependencies" in kept:
        dependencies = kept["propertyDependencies"]
        kept["propertyDependencies"] = {key: sorted(urns or []) for key, urns in dependencies.items()}
    if kept["type"].startswith("command:") and re.search("[0-9a-f]{8}$", kept.get("id", "")):
        kept["id"] = kept["id"][:-8] + "+8"
    return kept


def _reveal(value: Any, salt: str) -> Any:
    """Decrypt; inside a ciphertext the CLI leaves a further secret's JSON text as it is (measured)."""
    if isinstance(value, dict) and "ciphertext" in value:
        text = value["ciphertext"]
        plain = decrypt(text, salt) if text.startswith("v1:") else text
        return {"secret": _reveal(json.loads(plain), salt)}
    if isinstance(value, dict):
        return {key: _reveal(item, salt) for key, item in value.items()}
    return [_reveal(item, salt) for item in value] if isinstance(value, list) else value
