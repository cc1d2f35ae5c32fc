"""What the program says of a machine's cost before and after there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

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
