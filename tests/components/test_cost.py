"""What the program says of a machine's cost before and after there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from components import cost, settings
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.student_stack import outputs, student


@pytest.mark.parametrize(
    ("config", "month"),
    [
        ({"public_ip_type": "static"}, 27.50),
        ({"public_ip_type": "dynamic"}, 24.70),
        ({"public_ip_type": "static", "auto_snapshot": "true"}, 28.50),
    ],
)
def test_the_output_says_the_months_cost_that_the_preview_said(
    pulumi: Path, tmp_path: Path, config: dict[str, str], month: float
) -> None:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate()) as api_only:
        stack = student(pulumi, tmp_path, api_only, power="stopped", **config)
        told = stack.run("preview", "--stack", "anna")
        stack.up()
    assert f"; ${month:.2f} a month at 10 hours a week" in told
    assert outputs(stack)["monthly_estimate"] == month


UNLIMITED = {"idle_stop_minutes": "0", "auto_shutdown_hours": "0", "max_uptime_hours": "0"}


def test_a_preview_warns_of_a_machine_that_nothing_stops(pulumi: Path, tmp_path: Path) -> None:
    with Sandbox(tmp_path / "sandbox", SandboxSettings.immediate()) as api_only:
        told = student(pulumi, tmp_path, api_only, **UNLIMITED).run("preview", "--stack", "anna")
    assert "warning: nothing stops this machine" in told
    assert "$0.45 an hour" in told


@pytest.mark.parametrize(
    "limit",
    [
        {"idle_stop_minutes": "60"},
        {"auto_shutdown_hours": "168"},
        {"max_uptime_hours": "1"},
        {"power": "stopped"},
    ],
)
def test_a_machine_with_any_limit_or_that_is_off_is_not_warned_of(limit: dict[str, str]) -> None:
    assert cost.endless(settings.parse({**UNLIMITED, "never_connected_minutes": "30"}))
    assert cost.endless(settings.parse({**UNLIMITED, **limit})) == ""
