"""What the history keeps of where and how an update was run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sandbox.engine.cli import parse
from sandbox.engine.update_environment import commit_title, update_environment

AUTHOR = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]


def git(directory: Path, *words: str) -> None:
    subprocess.run(["git", *AUTHOR, *words], cwd=directory, check=True, capture_output=True)


def test_flags_and_variables_are_kept_by_name_alone() -> None:
    arguments = parse(
        ["up", "--yes", "--target", "urn:x", "--exec-kind", "auto.local", "--exec-agent", "me/1"]
    )
    variables = {"PULUMI_CONFIG_PASSPHRASE": "hush", "PULUMI_SKIP_UPDATE_CHECK": "true", "API_KEY": "hush"}
    found = update_environment(arguments, Path("/"), variables)
    assert found.items() >= {"exec.kind": "auto.local", "exec.agent": "me/1"}.items()
    assert {key: value for key, value in found.items() if key.startswith(("pulumi.env", "pulumi.flag"))} == {
        "pulumi.env.PULUMI_CONFIG_PASSPHRASE": "set",
        "pulumi.env.PULUMI_SKIP_UPDATE_CHECK": "true",
        "pulumi.flag.exec-agent": "set",
        "pulumi.flag.exec-kind": "set",
        "pulumi.flag.target": "set",
        "pulumi.flag.yes": "true",
    }
    assert "hush" not in str(found)


def test_the_commit_and_whether_all_of_it_is_committed_are_kept(tmp_path: Path) -> None:
    arguments = parse(["up"])
    assert not [key for key in update_environment(arguments, tmp_path, {}) if key.startswith("git.")]
    git(tmp_path, "init", "--initial-branch", "trunk")
    git(tmp_path, "commit", "--allow-empty", "-m", "Begin\n\nMore.")
    kept = update_environment(arguments, tmp_path, {})
    assert (kept["git.headName"], kept["git.author.email"], kept["git.dirty"]) == (
        "refs/heads/trunk",
        "ann@example.org",
        "false",
    )
    assert commit_title(tmp_path) == "Begin"
    (tmp_path / "new").touch()
    assert update_environment(arguments, tmp_path, {})["git.dirty"] == "true"
