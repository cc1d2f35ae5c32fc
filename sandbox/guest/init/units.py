"""Unit files: reading them, the values in them, and what `enable` links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.guest.init.environment import assignments

Sections = dict[str, dict[str, list[str]]]
FOLDERS = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system")
SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zµ]*)")
UNITS = {1e-6: "us usec", 1e-3: "ms msec", 1.0: " s sec second seconds", 60.0: "m min minute minutes"}
UNITS |= {3600.0: "h hr hour hours", 86400.0: "d day days", 604800.0: "w week weeks"}
SECONDS = {word: value for value, words in UNITS.items() for word in words.split(" ")}
VARIABLE = re.compile(r"\$\$|\$\{([A-Za-z_]\w*)\}")
BOOLEAN = {
    "1": True,
    "yes": True,
    "true": True,
    "on": True,
    "0": False,
    "no": False,
    "false": False,
    "off": False,
}
RESTARTS = ("no", "always", "on-success", "on-failure", "on-abnormal", "on-abort", "on-watchdog")
TYPES = ("simple", "exec", "oneshot", "notify", "idle")


class BadUnit(ValueError):
    """A unit file that cannot be used; the text names unit, key and value."""


@dataclass
class Unit:
    """One unit as its file and drop-ins say it."""

    name: str
    file: Path
    sections: Sections = field(default_factory=dict)

    def all(self, key: str, section: str = "Service") -> list[str]:
        """Every value of a key; an empty assignment drops those before it."""
        values: list[str] = []
        for value in self.sections.get(section, {}).get(key, []):
            values = [*values, value] if value else []
        return values

    def last(self, key: str, default: str = "", section: str = "Service") -> str:
        """The value that counts for a key with one value."""
        values = self.all(key, section)
        return values[-1] if values else default

    def flag(self, key: str, *, default: bool = False, section: str = "Service") -> bool:
        value = self.last(key, section=section).lower()
        if value and value not in BOOLEAN:
            raise BadUnit(f"{self.name}: {key}={value}: not a boolean")  # noqa: EM102
        return BOOLEAN.get(value, default)

    def seconds(self, key: str, default: float, section: str = "Service") -> float:
        value = self.last(key, section=section)
        return seconds(value, f"{self.name}: {key}") if value else default

    @property
    def description(self) -> str:
        return self.last("Description", self.name, "Unit")

    @property
    def kind(self) -> str:
        """service, timer or target."""
        return self.name.rpartition(".")[2]

    @property
    def targets(self) -> list[str]:
        """Where `enable` links the unit: <target>.wants."""
        return [
            f"{target}.{link}"
            for key, link in (("WantedBy", "wants"), ("RequiredBy", "requires"))
            for value in self.all(key, "Install")
            for target in value.split()
        ]

    def needs(self, *keys: str) -> list[str]:
        """Names in Wants=, Requires= and the like."""
        return [name for key in keys for value in self.all(key, "Unit") for name in value.split()]


def find(name: str, root: str) -> Unit | None:
    """Load a unit and its drop-ins; None when there is no such file."""
    for folder in FOLDERS:
        file = Path(root + folder, name)
        if file.is_file():
            unit = Unit(name, file, parse(file.read_text(encoding="utf-8", errors="replace")))
            for extra in sorted(drop_ins(name, root)):
                _merge(unit.sections, parse(extra.read_text(encoding="utf-8", errors="replace")))
            return unit
    return None


def drop_ins(name: str, root: str) -> list[Path]:
    """The files in <unit>.d."""
    return [file for folder in FOLDERS for file in Path(root + folder, f"{name}.d").glob("*.conf")]


def parse(text: str) -> Sections:
    """Sections, keys and values; lines that end in a backslash go on."""
    sections: Sections = {}
    current: dict[str, list[str]] = {}
    for line in re.sub(r"\\\n", " ", text).splitlines():
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if stripped.startswith("[") and stripped.endswith("]"):
            current = sections.setdefault(stripped[1:-1], {})
        elif "=" in stripped:
            key, _, value = stripped.partition("=")
            current.setdefault(key.strip(), []).append(value.strip())
    return sections


def _merge(sections: Sections, more: Sections) -> None:
    for section, keys in more.items():
        for key, values in keys.items():
            sections.setdefault(section, {}).setdefault(key, []).extend(values)


def seconds(text: str, what: str) -> float:
    """A time span as systemd writes it: "90", "5min 20s", "500ms", "infinity"."""
    if text.strip() == "infinity":
        return float("inf")
    parts = SPAN.findall(text)
    rest = SPAN.sub("", text).strip()
    if rest or not parts or any(word not in SECONDS for _, word in parts):
        raise BadUnit(f"{what}={text}: not a time span")  # noqa: EM102
    return sum(float(number) * SECONDS[word] for number, word in parts)


def environment_of(unit: Unit, base: Mapping[str, str], root: str) -> dict[str, str]:
    """Environment= over EnvironmentFile= over `base`. Raises BadUnit when a required file is missing."""
    found = dict(base)
    for value in unit.all("Environment"):
        for word in shlex.split(value):
            key, _, text = word.partition("=")
            found[key] = specifiers(text, unit, base)
    for name in unit.all("EnvironmentFile"):
        file = Path(specifiers(name.removeprefix("-"), unit, base))
        if not file.is_file() and not name.startswith("-"):
            raise BadUnit(f"{unit.name}: Failed to load environment files: {file}: No such file")  # noqa: EM102
        found |= assignments(file)
    if root:
        found.setdefault("GUEST_ROOT", root)
    return found


def command(line: str, unit: Unit, environment: Mapping[str, str]) -> tuple[list[str], bool]:
    """Split an Exec line: (argv, whether its failure counts)."""
    prefix = re.match(r"[@:+!-]*", line)
    marks = prefix[0] if prefix else ""
    argv: list[str] = []
    for word in shlex.split(line[len(marks) :]):
        whole = re.fullmatch(r"\$([A-Za-z_]\w*)", word)
        if whole:
            argv += environment.get(whole[1], "").split()
            continue
        text = VARIABLE.sub(lambda match: environment.get(match[1], "") if match[1] else "$", word)
        argv.append(specifiers(text, unit, environment))
    if not argv:
        raise BadUnit(f"{unit.name}: empty command: {line}")  # noqa: EM102
    return argv, "-" not in marks


def specifiers(text: str, unit: Unit, environment: Mapping[str, str]) -> str:
    """Resolve %n and the like. Raises BadUnit for one that the stand-in does not know."""
    stem = unit.name.rpartition(".")[0]
    values = {"n": unit.name, "N": stem, "p": stem.partition("@")[0], "i": stem.partition("@")[2], "%": "%"}
    values |= {"h": environment.get("HOME", "/root"), "u": environment.get("USER", "root"), "t": "/run"}
    values |= {"S": "/var/lib", "L": "/var/log", "C": "/var/cache", "E": "/etc", "T": "/tmp"}

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise BadUnit(f"{unit.name}: %{match[1]} is not supported by this stand-in")  # noqa: EM102
        return values[match[1]]

    return re.sub(r"%(.)", value, text)
