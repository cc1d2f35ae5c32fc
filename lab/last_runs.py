"""What the last runs left about one student (.lab/runs)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lab.project import Project

OPERATIONS = ("up", "destroy", "refresh", "preview")


def result_of(project: Project, operation: str, student: str) -> tuple[float, dict[str, Any]]:
    """(when, result) of the last run of an operation; (0, {}) where there was none."""
    path = project.private / "runs" / operation / f"{student}.json"
    try:
        return path.stat().st_mtime, json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0.0, {}


def last_run(project: Project, student: str) -> dict[str, Any]:
    runs = [result_of(project, operation, student) for operation in OPERATIONS]
    return max(runs, key=lambda run: run[0])[1]


def told(run: Mapping[str, Any]) -> str:
    if not run:
        return ""
    reason = f": {run['error']}" if run.get("error") else ""
    return f"{run['operation']} {run['outcome']}{reason}"


def drift(project: Project, student: str) -> str:
    """What the last preview would change, unless an `up` or a `destroy` came after it.

    Empty where the stack is destroyed; one that was destroyed in part is known again by the next preview.
    """
    previewed, preview = result_of(project, "preview", student)
    updated, up = result_of(project, "up", student)
    destroyed, destroy = result_of(project, "destroy", student)
    if destroyed > max(previewed, updated):
        return "" if destroy.get("outcome") in ("succeeded", "absent") else "not known"
    if updated > previewed and up.get("outcome") == "succeeded":
        return "none, just brought up"
    if preview.get("outcome") != "succeeded":
        return "not known"
    changes = preview.get("changes") or {}
    lost = ", disk lost" if preview.get("loses_disk") else ""
    lost += ", archived first" if lost and preview.get("is_archived") else ""
    return ", ".join(f"{count} to {action}" for action, count in changes.items()) + lost or "none"
