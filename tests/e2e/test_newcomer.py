"""The README's way through, once, in order: up, again, preview, ssh, tunnel, browser, down.

The tests of this module are one story told on one computer; each builds on those before it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import sync_playwright

from tests.e2e.conftest import Newcomer
from tests.ports import free_port
from tests.waiting import line_with, wait_until

BILLED = ("machines", "public_ips", "startup_scripts", "snapshots", "custom_templates")
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="module")
def local_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def brought_up(newcomer: Newcomer, local_port: int) -> str:
    """What `make up` printed the first time."""
    newcomer.run("make", "up")
    newcomer.pulumi("config", "set", "local_port", str(local_port), "--stack", "dev")
    return newcomer.run("make", "up")


def outputs(newcomer: Newcomer) -> dict[str, Any]:
    return json.loads(newcomer.pulumi("stack", "output", "--json", "--show-secrets", "--stack", "dev"))


def sandbox_state(newcomer: Newcomer) -> dict[str, Any]:
    api = newcomer.run("sh", "-c", 'eval "$(.venv/bin/python -m sandbox env)"; echo "$PAPERSPACE_API_URL"')
    return requests.get(api.strip().removesuffix("/v1") + "/sandbox/state", timeout=10).json()


def ssh_config(newcomer: Newcomer) -> str:
    """The configuration that `up` wrote, its ~ spelt out: OpenSSH asks the password database, not HOME."""
    home = Path(newcomer.environment["HOME"])
    written = (home / ".ssh" / "config.d" / "fastai-dev").read_text()
    assert "LocalForward" in written
    lines = [line for line in written.splitlines() if "LocalForward" not in line]
    (newcomer.folder / "ssh_config").write_text("\n".join(lines).replace("~/", f"{home}/") + "\n")
    return str(newcomer.folder / "ssh_config")


def on_the_machine(newcomer: Newcomer, command: str) -> str:
    return newcomer.run("ssh", "-F", ssh_config(newcomer), "fastai-dev", command)


@contextmanager
def running(newcomer: Newcomer, *command: str) -> Iterator[subprocess.Popen[str]]:
    with newcomer.start(*command) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def test_up_ends_with_a_card_that_says_where_the_notebook_is_and_what_it_costs(brought_up: str) -> None:
    for said in (
        "is ready",
        "http://localhost:",
        "an hour while it runs",
        "also while it is off",
        "Host fastai-dev",
    ):
        assert said in brought_up


def test_the_machine_is_what_the_configuration_asks_for(newcomer: Newcomer, brought_up: str) -> None:
    state = sandbox_state(newcomer)
    [machine] = state["machines"]
    assert machine["id"] == outputs(newcomer)["machine_id"]
    assert (machine["state"], machine["publicIpType"]) == ("ready", "static")
    assert machine["autoSnapshotEnabled"] is False
    assert [ip["assignedMachineId"] for ip in state["public_ips"]] == [machine["id"]]


def test_a_second_up_and_preview_change_nothing(newcomer: Newcomer, brought_up: str) -> None:
    before = sandbox_state(newcomer)["machines"]
    newcomer.run("make", "up")
    newcomer.run("make", "preview")
    newcomer.pulumi("preview", "--expect-no-changes", "--stack", "dev")
    assert sandbox_state(newcomer)["machines"] == before


def test_openssh_reaches_the_machine_through_the_files_that_up_wrote(
    newcomer: Newcomer, brought_up: str
) -> None:
    listing = on_the_machine(newcomer, "ls")
    assert {"anaconda3", "data", "downloads", "fastai"} <= set(listing.split())


def test_make_ssh_is_a_shell_on_the_machine(newcomer: Newcomer, brought_up: str) -> None:
    assert "paperspace" in newcomer.run("sh", "-c", "echo whoami | make ssh")


def test_fastai_is_at_the_newest_revision_of_its_upstream(newcomer: Newcomer, brought_up: str) -> None:
    printed = on_the_machine(
        newcomer, "cd fastai && git rev-parse HEAD && git ls-remote origin HEAD | cut -f1"
    )
    checked_out, upstream = printed.split()[-2:]
    assert checked_out == upstream


def test_make_notebook_opens_a_tunnel_to_jupyter_and_prints_the_token(
    newcomer: Newcomer, brought_up: str
) -> None:
    with running(newcomer, "make", "notebook") as tunnel:
        address = line_with(tunnel, r"token=")
        assert outputs(newcomer)["notebook_token"] in address
        assert requests.get(address.replace("/?", "/api/status?"), timeout=10).status_code == 200
        without = requests.get(address.partition("?")[0] + "api/contents", timeout=10)
        assert without.status_code == 403


@pytest.mark.skipif(
    not CHROMIUM.exists() and "CI" not in os.environ, reason="Debian's chromium is not installed"
)
def test_a_browser_shows_the_notebook_list_through_an_openssh_tunnel(
    newcomer: Newcomer, brought_up: str, local_port: int
) -> None:
    facts = outputs(newcomer)
    forward = f"localhost:{local_port}:localhost:{facts['notebook_port']}"
    with running(
        newcomer, "ssh", "-v", "-F", ssh_config(newcomer), "-N", "-L", forward, "fastai-dev"
    ) as tunnel:
        line_with(tunnel, r"Local connections to localhost:\d+ forwarded")
        line_with(tunnel, r"Entering interactive session|pledge: network")
        page_shows_the_lessons(f"http://localhost:{local_port}/tree?token={facts['notebook_token']}")


def page_shows_the_lessons(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        page = browser.new_page()
        page.goto(address)
        page.get_by_text("courses", exact=True).wait_for(timeout=30_000)
        if picture := os.environ.get("NOTEBOOK_PICTURE"):
            page.screenshot(path=picture)
        browser.close()


def test_no_secret_is_readable_in_state_files_or_logs(newcomer: Newcomer, brought_up: str) -> None:
    facts = outputs(newcomer)
    key_body = facts["private_key"].splitlines()[2]
    for secret in (facts["notebook_token"], key_body):
        assert secret not in brought_up
        for path in (newcomer.folder / ".sandbox" / "backend").rglob("*"):
            assert not path.is_file() or secret not in path.read_text(errors="replace"), path


def test_the_api_key_stays_out_of_state_and_off_the_machine(newcomer: Newcomer, brought_up: str) -> None:
    key = newcomer.run(
        "sh", "-c", 'eval "$(.venv/bin/python -m sandbox env)"; echo "$PAPERSPACE_API_KEY"'
    ).strip()
    assert len(key) > 8
    searched = [newcomer.folder / ".sandbox" / "backend", newcomer.folder / ".sandbox" / "machines"]
    for path in (path for folder in searched for path in folder.rglob("*")):
        if stat.S_ISREG(path.lstat().st_mode) and path.stat().st_size < 1_000_000:
            assert key.encode() not in path.read_bytes(), path


def lab(newcomer: Newcomer, *words: str, code: int = 0) -> str:
    script = 'eval "$(.venv/bin/python -m sandbox env)"; exec .venv/bin/lab "$@"'
    return newcomer.run("sh", "-c", script, "sh", *words, code=code)


def test_lab_looks_after_a_machine_that_runs(newcomer: Newcomer, brought_up: str) -> None:
    assert re.search(r"dev: ok  on until .* UTC", lab(newcomer, "extend", "dev", "--hours", "3"))
    assert "0 findings among 1 machine" in lab(newcomer, "audit")
    lab(newcomer, "report")
    report = (newcomer.folder / "report.html").read_text()
    # the idle stop's own timer may have written its next line, which says no time
    assert "kept on by hand" in report
    on_the_machine(newcomer, "echo as it was > fastai/my_lesson.txt")
    told = lab(newcomer, "archive", "dev")
    assert re.search(r"1 archive: \d+ files, [\d.]+ [kM]B", told)
    [archive] = json.loads(lab(newcomer, "archives", "--verify", "--json"))
    assert (archive["student"], archive["damage"], archive["sha256"] in told) == ("dev", "", True)
    on_the_machine(newcomer, "echo newer > fastai/my_lesson.txt")
    [aside] = re.findall(r"now in ~/(\S+?)(?:  |\s)", lab(newcomer, "restore", "dev"))
    lessons = on_the_machine(newcomer, f"cat fastai/my_lesson.txt ~/{aside}/fastai/my_lesson.txt")
    assert lessons.split("\n")[:2] == ["as it was", "newer"]


def test_a_machine_that_powered_itself_off_overnight_is_started_by_the_next_up(
    newcomer: Newcomer, brought_up: str
) -> None:
    [before] = sandbox_state(newcomer)["machines"]
    newcomer.run("sh", "-c", f"ssh -F {ssh_config(newcomer)} fastai-dev sudo poweroff || true")
    wait_until(lambda: sandbox_state(newcomer)["machines"][0]["state"] == "off", "the machine is off")
    newcomer.run("make", "up")
    [after] = sandbox_state(newcomer)["machines"]
    assert (after["id"], after["state"]) == (before["id"], "ready")
    assert "anaconda3" in on_the_machine(newcomer, "ls")


def test_down_leaves_nothing_that_bills_and_nothing_running(newcomer: Newcomer, brought_up: str) -> None:
    printed = newcomer.run("make", "down")
    [*_, archive] = sorted((Path(newcomer.environment["HOME"]) / "fastai-archives" / "dev").glob("*.tar.gz"))
    assert str(archive) in printed
    assert processes_in(newcomer.folder) == []
    assert list((Path(newcomer.environment["HOME"]) / ".ssh").rglob("fastai-dev*")) == []
    newcomer.run(".venv/bin/python", "-m", "sandbox", "up")
    state = sandbox_state(newcomer)
    assert {kind: state[kind] for kind in BILLED} == {kind: [] for kind in BILLED}


def processes_in(folder: Path) -> list[str]:
    """Command lines of processes that work in `folder` or name it."""
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in listing.stdout.splitlines() if str(folder) in line]
