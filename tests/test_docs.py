"""The README says all there is: every key, output, command and target, as the code has them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Context
from typer.main import get_command

from lab.cli import commands
from tests.conftest import PROJECT

README = (PROJECT / "README.md").read_text()
DOCUMENTS = [
    str(path.relative_to(PROJECT))
    for folder in (PROJECT, PROJECT / "docs", PROJECT / "sandbox", PROJECT / "sandbox" / "guest")
    for path in sorted(folder.glob("*.md"))
]


def table_rows(heading: str) -> dict[str, list[str]]:
    """Rows of the first table below `heading`, by their first cell without back-quotes."""
    section = README.partition(f"\n{heading}\n")[2]
    lines = re.search(r"(?:^\|.*\n)+", section, flags=re.MULTILINE)
    assert lines, f"no table below {heading}"
    rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in lines[0].splitlines()[2:]]
    return {row[0].strip("`"): row[1:] for row in rows}


def config_keys() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())["config"]


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return (
        "`[" + ", ".join(value) + "]`" if isinstance(value, list) else f"`{value}`" if value != "" else "none"
    )


@pytest.mark.parametrize("key", config_keys())
def test_every_config_key_is_in_the_readme_with_its_type_and_default(key: str) -> None:
    declared = config_keys()[key]
    kind, default, meaning = table_rows("## Configuration")[key]
    assert (kind, default) == (declared["type"], shown(declared["default"]))
    assert meaning


def test_the_readme_names_no_config_key_that_does_not_exist() -> None:
    assert set(table_rows("## Configuration")) == set(config_keys())


def test_every_output_is_in_the_readme() -> None:
    exported = set(re.findall(r'pulumi\.export\("(\w+)"', (PROJECT / "__main__.py").read_text()))
    assert exported
    assert set(table_rows("## Outputs")) == exported


def test_every_command_of_lab_is_in_the_readme() -> None:
    section = README.partition("\n## Commands\n")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `lab (\w+)", section, flags=re.MULTILINE))
    assert documented == set(get_command(commands).list_commands(Context(get_command(commands))))


def test_every_make_target_is_in_the_readme() -> None:
    targets = set(re.findall(r"^([\w-]+):(?!=)", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE))
    documented = set(re.findall(r"`?make ([\w-]+)", README))
    assert targets - documented <= {"lint", "types", "imports"}, (
        "parts of `make check` need no line of their own"
    )
    assert "check" in documented


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_leads_somewhere(document: str) -> None:
    source = PROJECT / document
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", source.read_text()):
        if "://" not in target:
            assert (source.parent / target).exists(), target


def test_ci_runs_the_check_target() -> None:
    assert "make check" in (PROJECT / ".ci" / "run").read_text()


def test_every_module_named_in_the_architecture_exists() -> None:
    named = re.findall(
        r"`((?:provider|components|lab|sandbox|tests|tools|benchmarks)/[\w/.]*)`", architecture()
    )
    assert named
    assert [name for name in named if not (PROJECT / name).exists()] == []


def architecture() -> str:
    return Path(PROJECT / "ARCHITECTURE.md").read_text()
