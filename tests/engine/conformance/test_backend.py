"""The file backend: the same files as the real CLI leaves there, and checkpoints that prove what they are."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.engine.conformance.passphrase import fixed_salt
from tests.engine.conformance.stack import Stack

STACK = ".pulumi/stacks/conformance/dev.json"


@pytest.fixture
def stack(pulumi: Path, tmp_path: Path) -> Stack:
    made = Stack(pulumi, tmp_path, "basics")
    made.create()
    return made


def files(stack: Stack) -> Counter[str]:
    """Names without times. The real CLI adds an .attrs file to each, which nobody reads."""
    backend = stack.directory / "backend"
    paths = (path.relative_to(backend).as_posix() for path in backend.rglob("*") if path.is_file())
    return Counter(re.sub(r"\d{19}", "TIME", path) for path in paths if not path.endswith(".attrs"))


def test_each_operation_leaves_a_history_and_a_backup_and_a_removed_stack_its_backups(stack: Stack) -> None:
    stack.run("up", "--yes", "--skip-preview", "--message", "first", step="base", check=True)
    the_manifest_carries_the_magic_of_its_version(stack)
    history = next((stack.directory / "backend/.pulumi/history/conformance/dev").glob("*.history.json"))
    entry = json.loads(history.read_text())
    facts = {key: entry[key] for key in ("kind", "message", "result", "version", "resourceChanges", "config")}
    assert facts == {
        "kind": "update",
        "message": "first",
        "result": "succeeded",
        "version": 0,
        "resourceChanges": {"create": 4},
        "config": json.loads((stack.project / "Pulumi.dev.yaml").read_text())["config"],
    }
    stack.run("destroy", "--yes", "--skip-preview", check=True)
    backups = {".pulumi/backups/conformance/dev/dev.TIME.json": 2, ".pulumi/meta.yaml": 1, f"{STACK}.bak": 1}
    assert files(stack) == {
        **backups,
        ".pulumi/history/conformance/dev/dev-TIME.checkpoint.json": 2,
        ".pulumi/history/conformance/dev/dev-TIME.history.json": 2,
        STACK: 1,
    }
    stack.run("stack", "rm", "--yes", "dev", check=True)
    assert files(stack) == backups
    assert not (stack.project / "Pulumi.dev.yaml").exists()


def the_manifest_carries_the_magic_of_its_version(stack: Stack) -> None:
    state = stack.state()
    manifest = state["checkpoint"]["latest"]["manifest"]
    assert state["version"] == 3
    assert manifest["magic"] == hashlib.sha256(manifest["version"].encode()).hexdigest()
    assert state["checkpoint"]["latest"]["secrets_providers"] == {
        "type": "passphrase",
        "state": {"salt": fixed_salt()},
    }
