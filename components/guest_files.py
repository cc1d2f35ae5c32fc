"""The scripts in components/guest, as text."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "guest"


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def with_variables(script: str, variables: Mapping[str, str]) -> str:
    """The script after one assignment a variable; the first line stays first where it is a shebang."""
    assignments = "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
    if not script.startswith("#!"):
        return assignments + script
    shebang, _, rest = script.partition("\n")
    return f"{shebang}\n{assignments}{rest}"
