"""The order in which the engine is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import engine


@pytest.fixture(autouse=True)
def computer_without_pulumi(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(engine, "INSTALLER", "http://127.0.0.1:1/install.sh")


def make_executable(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_pulumi_root_comes_before_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_executable(tmp_path / "path" / "pulumi")
    rooted = make_executable(tmp_path / "root" / "bin" / "pulumi")
    monkeypatch.setenv("PULUMI_ROOT", str(tmp_path / "root"))
    assert engine.choose() == rooted


def test_a_root_without_pulumi_is_an_error_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PULUMI_ROOT", str(tmp_path))
    with pytest.raises(engine.EngineMissing, match=f"PULUMI_ROOT={tmp_path}"):
        engine.choose()


def test_pulumi_on_the_path_is_used_as_it_is(tmp_path: Path) -> None:
    found = make_executable(tmp_path / "path" / "pulumi")
    assert engine.choose() == found


def test_the_release_installed_for_this_sdk_is_found_again(tmp_path: Path) -> None:
    installed = make_executable(tmp_path / ".pulumi" / "versions" / engine.SDK_VERSION / "bin" / "pulumi")
    assert engine.choose() == installed


def test_without_the_internet_the_sandbox_engine_runs() -> None:
    assert engine.choose() == engine.executable(engine.SANDBOX_ENGINE)


def test_the_pinned_release_is_that_of_the_installed_sdk() -> None:
    from importlib.metadata import version

    assert version("pulumi") == engine.SDK_VERSION
