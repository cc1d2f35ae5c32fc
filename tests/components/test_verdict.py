from __future__ import annotations

import pytest

from components import verdict
from components.findings import Finding, Marker, key_values
from components.verdict import Verdict

WANTED = "jupyter: port 8889"
BEFORE = "jupyter: port 8888"


def marker(version: str = "v1", *, ok: bool = True, running: bool = False) -> Marker:
    return Marker("new-1", version, BEFORE, ok, running)


@pytest.mark.parametrize(
    ("found", "token", "summary"),
    [
        pytest.param(Finding(), "new-n", WANTED, id="nothing there: new"),
        pytest.param(Finding(satisfied=True), "new-n", WANTED, id="satisfied by chance: new all the same"),
        pytest.param(Finding(marker(), True), "new-1", BEFORE, id="as declared: no difference at all"),
        pytest.param(
            Finding(marker(), False, {"drift": "jupyter is not running"}),
            "drift-n",
            f"{WANTED}; drift: jupyter is not running",
            id="same version and check fails: drift",
        ),
        pytest.param(
            Finding(marker(), False), "drift-n", f"{WANTED}; drift: not as declared", id="drift unexplained"
        ),
        pytest.param(
            Finding(marker(), False, {"due": "last updated 23 days ago"}),
            "due-n",
            WANTED,
            id="only due: the plan's own summary says so",
        ),
        pytest.param(
            Finding(marker("v0"), False), "new-1", WANTED, id="another version: the summary is the difference"
        ),
        pytest.param(Finding(marker("v0"), True), "new-1", WANTED, id="another version that fits by chance"),
        pytest.param(
            Finding(marker(ok=False), True),
            "dirty-n",
            f"{WANTED}; dirty: the last run did not finish",
            id="not finished: dirty, even when the check is satisfied",
        ),
        pytest.param(
            Finding(marker("v0", ok=False), True),
            "dirty-n",
            f"{WANTED}; dirty: the last run did not finish",
            id="another version failed and the program was reverted: dirty",
        ),
        pytest.param(
            Finding(marker(ok=False, running=True)), "new-1", BEFORE, id="under way: the same, to attach"
        ),
        pytest.param(
            Finding(marker("v0", ok=False, running=True)), "new-1", WANTED, id="another version under way"
        ),
    ],
)
def test_the_verdict(found: Finding, token: str, summary: str) -> None:
    assert verdict.judge(found, "v1", WANTED, lambda: "n") == Verdict(token, summary)


def test_a_check_may_print_more_than_facts() -> None:
    assert key_values("warning: x\nhead=abc\nhttp://a?b=c\nempty=\n") == {"head": "abc", "empty": ""}
