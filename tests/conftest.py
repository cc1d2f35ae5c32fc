"""What every test may rely on: an environment without the developer's own settings, and loopback only."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

PERSONAL = ("PAPERSPACE_", "PULUMI_", "AWS_", "GITHUB_", "SSH_AUTH_SOCK", "DISPLAY")
PROJECT = Path(__file__).resolve().parent.parent
SANDBOX_ENGINE = PROJECT / "sandbox" / "engine" / "bin" / "pulumi"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=["sandbox", "real"],
        default="sandbox",
        help="the `pulumi` that the tests run: the sandbox engine, or the real CLI on PATH",
    )


def pytest_report_header(config: pytest.Config) -> str:
    return f"engine: {config.getoption('--engine')}"


@pytest.fixture(scope="session")
def pulumi(request: pytest.FixtureRequest) -> Path:
    """The `pulumi` executable under test."""
    if request.config.getoption("--engine") == "sandbox":
        return SANDBOX_ENGINE
    found = shutil.which("pulumi")
    assert found, "--engine real needs the real `pulumi` on PATH"
    return Path(found)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees a real API key, a real backend or a running SSH agent."""
    for name in [name for name in os.environ if name.startswith(PERSONAL)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PULUMI_SKIP_UPDATE_CHECK", "true")
