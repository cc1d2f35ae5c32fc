"""What every test may rely on: an environment without the developer's own settings, and loopback only."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

PERSONAL = ("PAPERSPACE_", "PULUMI_", "AWS_", "GITHUB_", "SSH_AUTH_SOCK", "DISPLAY")
PROJECT = Path(__file__).resolve().parent.parent
TIERS = ("nspawn", "vm")
SANDBOX_ENGINE = PROJECT / "sandbox" / "engine" / "bin" / "pulumi"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=["sandbox", "real"],
        default="sandbox",
        help="the `pulumi` that the tests run: the sandbox engine, or the real CLI on PATH",
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The high-fidelity tiers are looked at only when asked for: `-m nspawn`, `-m vm`."""
    tier = collection_path.name
    return True if tier in TIERS and config.getoption("markexpr") != tier else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A table of what a tier showed, for the notes of a release."""
    if config.getoption("markexpr") not in TIERS:
        return
    terminalreporter.section(f"tier {config.getoption('markexpr')}")
    reports = [each for kind in ("passed", "failed", "skipped") for each in terminalreporter.getreports(kind)]
    for report in reports:
        if isinstance(report, pytest.TestReport) and (report.when == "call" or not report.passed):
            name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
            seconds = float(str(dict(report.user_properties).get("seconds", report.duration)))
            terminalreporter.write_line(f"{report.outcome:<7} {seconds:6.1f} s  {name}")


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
