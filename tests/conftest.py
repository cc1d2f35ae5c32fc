"""What every test may rely on: an environment without the developer's own settings, and loopback only."""

from __future__ import annotations

import os

import pytest

PERSONAL = ("PAPERSPACE_", "PULUMI_", "AWS_", "GITHUB_", "SSH_AUTH_SOCK", "DISPLAY")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees a real API key, a real backend or a running SSH agent."""
    for name in [name for name in os.environ if name.startswith(PERSONAL)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PULUMI_SKIP_UPDATE_CHECK", "true")
