"""A preview of the dev stack that changes nothing, against an empty Pulumi program on the same engine."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import median_seconds, report, wall_seconds
from benchmarks.newcomer import PROJECT, dev_stack

AIM = 1.5
EMPTY = f"name: empty\nruntime:\n  name: python\n  options:\n    virtualenv: {PROJECT / '.venv'}\n"


def empty_stack(folder: Path, environment: dict[str, str], pulumi: str) -> Path:
    """A program without a resource; its stack is up."""
    empty = folder / "empty"
    empty.mkdir()
    (empty / "Pulumi.yaml").write_text(EMPTY)
    (empty / "__main__.py").write_text("import pulumi\n")
    for command in (["stack", "init", "dev"], ["up", "--yes", "--skip-preview", "--stack", "dev"]):
        wall_seconds([pulumi, *command], empty, environment)
    return empty


def main() -> None:
    with dev_stack() as (folder, environment, pulumi):
        wall_seconds([pulumi, "stack", "init", "dev"], folder, environment)
        wall_seconds([pulumi, "up", "--yes", "--skip-preview", "--stack", "dev"], folder, environment)
        preview = [pulumi, "preview", "--expect-no-changes", "--stack", "dev"]
        floor = median_seconds(preview, empty_stack(folder, environment, pulumi), environment)
        seconds = median_seconds(preview, folder, environment)
        report("no-op preview of the dev stack", seconds, "empty program", floor, AIM)


if __name__ == "__main__":
    main()
