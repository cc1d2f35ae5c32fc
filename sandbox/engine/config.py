"""Stack configuration: values as the program sees them, the project's schema, and edits along paths.

Source of the rules: pkg/workspace/config.go (ValidateStackConfigAndApplyProjectConfig) and
sdk/go/common/workspace.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.engine.errors import CommandError
from sandbox.engine.paths import Path, get_path
from sandbox.engine.project import Project
from sandbox.engine.values import PropertyMap, children, mapped, secret


@dataclass(frozen=True)
class ConfigValue:
    """One value: its text (JSON for objects), whether any of it is secret, and the object, if it is one."""

    text: str
    secret: bool
    object: Any = None
    masked: str = "[secret]"


def scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def is_encrypted(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def holds_encrypted(value: Any) -> bool:
    return is_encrypted(value) or any(holds_encrypted(item) for item in children(value))


def mask(_ciphertext: str) -> str:
    return "[secret]"


def read(raw: Any, decrypt: Callable[[str], str] = mask) -> ConfigValue:
    """One value of the settings file, decrypted or masked."""
    if is_encrypted(raw):
        return ConfigValue(decrypt(raw["secure"]), secret=True)
    if isinstance(raw, dict | list):
        opened = _opened(raw, decrypt)
        masked = _opened(raw, mask)
        return ConfigValue(_compact(opened), holds_encrypted(raw), opened, _compact(masked))
    return ConfigValue(scalar(raw), secret=False, masked=scalar(raw))


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _opened(raw: Any, decrypt: Callable[[str], str]) -> Any:
    return mapped(raw, lambda part: decrypt(part["secure"]) if is_encrypted(part) else part)


def value_document(value: ConfigValue, reveal: bool) -> PropertyMap:
    """A value as `--json` shows it; a secret without `reveal` only says that it is one."""
    document: PropertyMap = {"value": value.text}
    if value.object is not None:
        document["objectValue"] = value.object
    return {"secret": True} if value.secret and not reveal else document | {"secret": value.secret}


def full_key(project: str, key: str) -> str:
    """`name` means `<project>:name`; `ns:config:name` is the old form of `ns:name`."""
    parts = key.split(":")
    if len(parts) == 3 and parts[1] == "config":
        parts = [parts[0], parts[2]]
    if len(parts) > 2 or not all(parts):
        msg = f"invalid configuration key {key!r}; it is <name> or <namespace>:<name>"
        raise CommandError(msg)
    return f"{project}:{key}" if len(parts) == 1 else ":".join(parts)


def defaults(project: Project) -> dict[str, ConfigValue]:
    """What the project's schema gives where the stack has no value."""
    found = {}
    for key, each in project.schema.items():
        declared = _declaration(each)
        if (default := declared.get("default", declared.get("value"))) is not None:
            found[full_key(project.name, key)] = read(default)
    return found


def apply_schema(
    project: Project, stack: str, config: PropertyMap, decrypt: Callable[[str], str]
) -> dict[str, ConfigValue]:
    """Every value the program gets. Raises CommandError for a missing value and for a wrong type, by key."""
    given = {full_key(project.name, key): read(raw, decrypt) for key, raw in config.items()}
    values = defaults(project) | given
    missing = []
    for key in sorted(project.schema):
        declared, full = _declaration(project.schema[key]), full_key(project.name, key)
        if full in values and "type" in declared:
            _check(stack, key, declared, values[full])
        elif full not in values and full.startswith(f"{project.name}:"):
            missing.append(key)
    if missing:
        msg = f"Stack '{stack}' is missing configuration value{'s' * (len(missing) > 1)} {_listed(missing)}"
        raise CommandError(msg)
    return values


def _declaration(declared: Any) -> PropertyMap:
    """The long form; the short form `key: value` gives just a value."""
    keys = {"type", "default", "value", "description", "secret"}
    return declared if isinstance(declared, dict) and declared.keys() & keys else {"value": declared}


def _listed(keys: list[str]) -> str:
    quoted = [f"'{key}'" for key in keys]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _check(stack: str, key: str, declared: PropertyMap, value: ConfigValue) -> None:
    if declared.get("secret") and not value.secret:
        msg = f"Stack '{stack}' with configuration key '{key}' must be encrypted as it's secret"
        raise CommandError(msg)
    if not _matches(declared, value.text if value.object is None else value.object):
        msg = f"Stack '{stack}' with configuration key '{key}' must be of type '{_type_name(declared)}'"
        raise CommandError(msg)


def _type_name(declared: PropertyMap) -> str:
    return f"array<{_type_name(declared['items'])}>" if declared["type"] == "array" else str(declared["type"])


def _matches(declared: PropertyMap, value: Any) -> bool:
    match declared["type"]:
        case "string":
            return isinstance(value, str)
        case "integer":
            text = str(value).lstrip("+-")
            return not isinstance(value, bool) and (
                text.isdigit() or (isinstance(value, float) and value.is_integer())
            )
        case "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "object":
            return isinstance(value, dict)
        case "array":
            items = declared.get("items")
            return (
                isinstance(value, list) and items is not None and all(_matches(items, item) for item in value)
            )
    return False


def provider_inputs(package: str, values: dict[str, ConfigValue]) -> PropertyMap:
    """What a default provider is configured with: its own namespace; a dynamic provider gets everything."""
    found: PropertyMap = {}
    for key, value in values.items():
        namespace, _, name = key.partition(":")
        if package == "pulumi-python" or namespace == package:
            name = key if package == "pulumi-python" else name
            found[name] = secret(value.text) if value.secret else value.text
    return found


def set_path(config: PropertyMap, path: Path, value: Any) -> PropertyMap:
    """A copy of the config with the value set at `path`, whose first part is the full config key."""
    config = copy.deepcopy(config)
    target: Any = config
    for part, following in itertools.pairwise(path):
        target = _descend(target, part, [None] * (following + 1) if isinstance(following, int) else {})
    _room(target, path[-1])
    target[path[-1]] = value
    return config


def _descend(target: Any, part: str | int, fresh: Any) -> Any:
    """What is at `part`, made where there is nothing; a new list is as long as the path needs it."""
    _room(target, part)
    if target[part] is None:
        target[part] = fresh
    return target[part]


def _room(target: Any, part: str | int) -> None:
    """Make sure that `target[part]` can be set. Raises CommandError: a list only grows by one."""
    if isinstance(target, dict) and isinstance(part, str):
        target.setdefault(part, None)
    elif isinstance(target, list) and isinstance(part, int) and 0 <= part <= len(target):
        target += [None] * (part == len(target))
    else:
        problem = "array index out of range" if isinstance(target, list) else "nothing can be set there"
        msg = f"could not set config: at {part!r}: {problem}"
        raise CommandError(msg)


def remove_path(config: PropertyMap, path: Path) -> PropertyMap:
    config = copy.deepcopy(config)
    with contextlib.suppress(LookupError, TypeError):
        del get_path(config, path[:-1], default={})[path[-1]]
    return config


def typed(text: str) -> Any:
    """With --path the CLI stores true, false and integers as such."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.lstrip("-").isdigit() and str(int(text)) == text else text
