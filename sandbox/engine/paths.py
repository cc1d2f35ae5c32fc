"""Property paths such as `a.b[0]["c.d"]`, with `*` as wildcard, and what is done along them."""

from __future__ import annotations

import copy
import re
from typing import Any

from sandbox.engine.values import PropertyMap, is_secret

Path = tuple[str | int, ...]
_PART = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[\]]+)')
_PLAIN = re.compile(r"[A-Za-z0-9_]*")


def parse(text: str) -> Path:
    """Split a path; raises ValueError when the text is not one."""
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            msg = f"invalid property path {text!r}"
            raise ValueError(msg)
        quoted, index, name = match.groups()
        parts.append(quoted.replace('\\"', '"') if quoted is not None else _index(index) if index else name)
        position = match.end()
    return tuple(parts)


def _index(text: str) -> str | int:
    return text if text == "*" else int(text)


def render(path: Path) -> str:
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += '["' + part.replace('"', '\\"') + '"]'
    return text


def get_path(value: Any, path: Path, default: Any) -> Any:
    """The part of a value at `path`, or `default` where there is none."""
    for part in path:
        try:
            value = value[part]
        except (LookupError, TypeError):
            return default
    return value


def contains(outer: Path, inner: Path) -> bool:
    """True when `inner` is `outer` or lies below it."""
    return len(outer) <= len(inner) and all(a in ("*", b) for a, b in zip(outer, inner, strict=False))


def reset(path: Path, old: Any, new: Any) -> bool:
    """Put the old value back into `new`; False when the path is in one of the two only (Go: Reset)."""
    old, new = _inside(old), _inside(new)
    key, rest = path[0], path[1:]
    if key == "*":
        keys = set(_keys(old)) | set(_keys(new))
        return all([reset((each, *rest), old, new) for each in keys])
    if isinstance(key, int) or isinstance(new, list):
        both = isinstance(new, list) and isinstance(old, list) and isinstance(key, int)
        if not both or int(key) >= min(len(old), len(new)):
            return False
    elif not isinstance(new, dict) or not isinstance(old, dict):
        return False
    elif rest and (key not in old or key not in new):
        return key not in old and key not in new
    return _put_back(key, rest, old, new)


def _put_back(key: str | int, rest: Path, old: Any, new: Any) -> bool:
    if rest:
        return reset(rest, old[key], new[key])
    if isinstance(new, list) or key in old:
        new[key] = copy.deepcopy(old[key])
    else:
        new.pop(key, None)
    return True


def _inside(value: Any) -> Any:
    return value["value"] if is_secret(value) else value


def _keys(value: Any) -> list[str | int]:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


def with_ignored(inputs: PropertyMap, old: PropertyMap, ignored: list[str]) -> tuple[PropertyMap, list[str]]:
    """The inputs with the ignored paths taken from the old ones, and the paths that could not be."""
    if not ignored:
        return inputs, []
    result = copy.deepcopy(inputs)
    return result, [text for text in ignored if not reset(parse(text), old, result)]


def differences(old: Any, new: Any, path: Path = ()) -> dict[Path, str]:
    """What changed, leaf by leaf: `add`, `delete` or `update`. None counts as absent, but not in a list."""
    found: dict[Path, str] = {}
    if isinstance(old, dict) and isinstance(new, dict):
        keys: list[Any] = [*old, *(key for key in new if key not in old)]
        pairs = [(key, old.get(key), new.get(key)) for key in keys]
    elif isinstance(old, list) and isinstance(new, list):
        pairs = list(zip(range(len(old)), old, new, strict=False))
        more = "add" if len(new) > len(old) else "delete"
        found = {(*path, index): more for index in range(len(pairs), max(len(old), len(new)))}
    elif (old == new and type(old) is type(new)) or _same_number(old, new):
        return {}
    else:
        return {path: "add" if old is None else "delete" if new is None else "update"}
    for key, before, after in pairs:
        found |= differences(before, after, (*path, key))
    return found


def _same_number(old: Any, new: Any) -> bool:
    numbers = isinstance(old, int | float) and isinstance(new, int | float)
    return numbers and isinstance(old, bool) == isinstance(new, bool) and old == new
