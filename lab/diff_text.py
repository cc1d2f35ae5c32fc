"""One student's changes as text for a ```diff fence: GitHub colours + green, - red and ! orange."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from components.envelope import SIGNATURE, is_secret
from lab.events import UNKNOWN, Change, StackEvents
from lab.markdown import visible

LONGEST_VALUE = 120
SECRET_TEXT = "[secret]"
SIGNS = {"create": "+", "update": "!", "replace": "!", "delete": "-"}


def diff_text(stream: StackEvents) -> str:
    """A heading and its properties for each changed resource."""
    return "\n".join(line for change in stream.changes.values() for line in change_lines(change))


def change_lines(change: Change) -> Iterator[str]:
    yield f"{SIGNS[change.action]} {heading(change)}"
    if change.action == "delete":
        return
    for name in changed_names(change):
        yield from property_lines(name, change.olds.get(name), change.news.get(name), name in change.olds)


def heading(change: Change) -> str:
    kind = re.split(r"[:/]", change.kind)[-1]
    because = f" because {', '.join(change.replaced_for)}" if change.replaced_for else ""
    marks = [
        *(["PROTECTED"] if change.protected and change.action in ("replace", "delete") else []),
        *(["ITS DISK IS LOST"] if change.loses_disk else []),
        *(["FAILED"] if change.failed else []),
    ]
    return f"{kind} {change.name}: {change.action}{because}{''.join(f'  [{mark}]' for mark in marks)}"


def changed_names(change: Change) -> list[str]:
    """What differs in the inputs, and what the engine says differs."""
    olds, news = change.olds, change.news
    differing = {name for name in {*olds, *news} if olds.get(name) != news.get(name)}
    return sorted(name for name in differing | set(change.properties) if not name.startswith("__"))


def property_lines(name: str, old: Any, new: Any, was_there: bool) -> Iterator[str]:
    if is_secret(old) and is_secret(new):
        yield f"!   {name}: {SECRET_TEXT} only its secret value changes"
        return
    if was_there:
        yield f"-   {name}: {shown(old)}"
    if new is not None or not was_there:
        yield f"+   {name}: {shown(new)}"


def shown(value: Any) -> str:
    """One line of JSON, secrets masked at any depth, assets as what they hold, cut at LONGEST_VALUE."""
    text = json.dumps(masked(value), ensure_ascii=False)
    text = visible(text)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def masked(value: Any) -> Any:
    if is_secret(value):
        return SECRET_TEXT
    if value == UNKNOWN:
        return "[known after up]"
    if isinstance(value, Mapping):
        return {key: masked(item) for key, item in value.items() if key != SIGNATURE}
    return [masked(item) for item in value] if isinstance(value, list) else value
