"""Every input in its canonical spelling, or a problem that names value and fix. No request is made here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provider.catalog import (
    AUTO_SHUTDOWN_HOURS,
    DISK_SIZES,
    PUBLIC_IP_TYPES,
    SNAPSHOT_FREQUENCIES,
    canonical_machine_type,
    canonical_region,
)
from provider.errors import InvalidInput
from provider.inputs import INPUT_NAMES, REQUIRED
from provider.suggestions import did_you_mean
from provider.unknown import contains_unknown

KEEP_AT_MOST = 9
"""Clients that ran against the API accept 1 to 9 kept snapshots (paperspace-api.md 1.2)."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one input."""

    key: str
    text: str


def canonical(news: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The inputs as they go into state, and all problems at once. Unknown values are left as they are."""
    inputs: dict[str, Any] = {}
    problems = [Problem(key, "is missing") for key in REQUIRED if news.get(key) is None]
    for key, value in news.items():
        try:
            inputs[key] = value if contains_unknown(value) or value is None else _rule(key)(value)
        except InvalidInput as problem:
            inputs[key] = value
            problems.append(Problem(key, str(problem)))
    return {key: value for key, value in inputs.items() if value is not None}, problems


def changes_refused(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[Problem]:
    """What cannot be done to a machine that exists already. Both sides in canonical spelling."""
    problems = []
    before, after = olds.get("disk_size"), news.get("disk_size")
    if isinstance(before, (int, float)) and isinstance(after, (int, float)) and after < before:
        problems.append(Problem("disk_size", SHRINK.format(before=int(before), after=int(after))))
    adopt = news.get("adopt")
    if olds and isinstance(adopt, str) and adopt != olds.get("adopt"):
        problems.append(Problem("adopt", ADOPT_TOO_LATE.format(adopt=adopt)))
    return problems


SHRINK = (
    "cannot shrink from {before} GB to {after} GB: Paperspace only grows disks. "
    "Set disk_size back to {before}, or archive the home folder, destroy the machine and make a new one "
    "of {after} GB"
)
ADOPT_TOO_LATE = (
    "{adopt!r} can only be adopted by a resource that has no machine yet; remove `adopt`, "
    "or let go of the present machine first with `pulumi state delete <urn>`"
)


def _rule(key: str) -> Callable[[Any], Any]:
    if key not in RULES:
        problem = f"is no input of a machine; {did_you_mean(key, INPUT_NAMES)}"
        raise InvalidInput(problem)
    return RULES[key]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        problem = f"{value!r} is no text; give a string that is not empty"
        raise InvalidInput(problem)
    return value


def _any_text(value: Any) -> str:
    if not isinstance(value, str):
        problem = f"a value of type {type(value).__name__} is no text; give a string"
        raise InvalidInput(problem)
    return value


def _name(value: Any) -> str:
    name = _text(value)
    if name != name.strip() or not name.isprintable():
        problem = f"{name!r} has blanks at an end or control characters; give a plain name"
        raise InvalidInput(problem)
    return name


def _whole_number(value: Any) -> int:
    if not _is_number(value) or value != int(value):
        problem = f"{value!r} is no whole number"
        raise InvalidInput(problem)
    return int(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _one_of(choices: Sequence[str]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in choices:
            problem = f"{value!r} is not possible; {did_you_mean(str(value), choices)}"
            raise InvalidInput(problem)
        return str(value)

    return check


def _one_of_numbers(choices: Sequence[int], unit: str) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        number = _whole_number(value)
        if number not in choices:
            nearest = min(choices, key=lambda choice: abs(choice - number))
            listed = ", ".join(map(str, choices))
            problem = f"{number} {unit} is not offered; the nearest is {nearest}, choose one of: {listed}"
            raise InvalidInput(problem)
        return number

    return check


def _each(rule: Callable[[Any], str], *, at_least: int) -> Callable[[Any], list[str]]:
    def check(value: Any) -> list[str]:
        if not isinstance(value, (list, tuple)) or len(value) < at_least:
            problem = f'{value!r} is no list of at least {at_least}; give a list such as ["…"]'
            raise InvalidInput(problem)
        return list(dict.fromkeys(rule(_text(entry)) for entry in value))

    return check


def _fields(rules: Mapping[str, Callable[[Any], Any]], value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        problem = f"{value!r} is no mapping; give {{{', '.join(rules)}}}"
        raise InvalidInput(problem)
    unexpected = [str(key) for key in value if key not in rules]
    if unexpected:
        problem = f"has no field {unexpected[0]!r}; {did_you_mean(unexpected[0], list(rules))}"
        raise InvalidInput(problem)
    return {key: rule(value[key]) for key, rule in rules.items() if value.get(key) is not None}


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        problem = f"{value!r} is neither true nor false"
        raise InvalidInput(problem)
    return value


def _kept(value: Any) -> int:
    number = _whole_number(value)
    if not 1 <= number <= KEEP_AT_MOST:
        problem = f"{number} snapshots cannot be kept; choose 1 to {KEEP_AT_MOST}"
        raise InvalidInput(problem)
    return number


def _auto_snapshot(value: Any) -> dict[str, Any]:
    rules = {"enabled": _flag, "frequency": _one_of(SNAPSHOT_FREQUENCIES), "keep": _kept}
    fields = _fields(rules, value)
    if not fields.get("enabled"):
        return {"enabled": False}
    return {"enabled": True, "frequency": "daily", "keep": 1} | fields


def _auto_shutdown(value: Any) -> dict[str, Any]:
    rules = {"hours": _one_of_numbers(AUTO_SHUTDOWN_HOURS, "hours"), "force": _flag}
    fields = {"hours": 0, "force": False} | _fields(rules, value)
    return fields if fields["hours"] else {"hours": 0, "force": False}


RULES: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "identity": _text,
    "machine_types": _each(canonical_machine_type, at_least=1),
    "regions": _each(canonical_region, at_least=1),
    "template": _text,
    "disk_size": _one_of_numbers(DISK_SIZES, "GB"),
    "public_ip_type": _one_of(PUBLIC_IP_TYPES),
    "auto_snapshot": _auto_snapshot,
    "auto_shutdown": _auto_shutdown,
    "startup_script": _any_text,
    "network": _text,
    "power": _one_of(("running", "stopped")),
    "accessors": _each(_text, at_least=0),
    "adopt": _text,
}
