"""The report in a real browser, at desk and phone width."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from lab import ledger, report
from lab.class_file import ClassFile
from lab.idle import IdleLook
from lab.project import Project
from lab.student_machines import StudentMachine
from provider.models import Machine
from tests.lab.project_files import make_project

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
STATES = ("ready", "off", "provisioning", None)
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def machine(number: int, state: str) -> Machine:
    return Machine(
        id=f"ps{number}",
        name=f"fastai-student-{number:02}-01234567",
        state=state,
        machine_type="GPU+",
        region="East Coast (NY2)",
        usage_rate=0.45,
        auto_shutdown_enabled=number % 5 != 0,
        auto_shutdown_timeout=8,
    )


def class_of(project: Project, size: int) -> list[StudentMachine]:
    from lab import estimate

    found = []
    for number, student in enumerate(project.class_members()[:size]):
        state = STATES[number % 4]
        known = machine(number, state) if state else None
        outputs = {"machine_id": known.id, "monthly_fixed": 8.0} if known else {}
        found.append(StudentMachine(student, outputs, known, estimate.of_student(project, student), 60))
    return found


def leave_result(project: Project, operation: str, student: str, **result: object) -> None:
    folder = project.private / "runs" / operation
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{student}.json").write_text(json.dumps({"operation": operation, **result}))


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 40 with two weeks of samples, a failed run, a lost disk, and an error that holds HTML."""
    folder = tmp_path_factory.mktemp("report")
    names = [f"student-{number:02}" for number in range(40)]
    project = make_project(folder, dict.fromkeys(names, "disk_size: 50"))
    machines = class_of(project, 40)
    for hours in range(0, 14 * 24, 1):
        at = NOW - timedelta(days=14) + timedelta(hours=hours)
        ledger.record(project, machines[:: 1 + at.hour % 3], {e.machine_id for e in machines}, at)
    leave_result(project, "up", names[3], outcome="failed", error="no machine could be had: <b>NY2</b>")
    leave_result(project, "preview", names[0], outcome="succeeded", changes={"replace": 1}, loses_disk=True)
    limits = ClassFile(budget_per_student=80, budget_of_class=900)
    path = folder / "report.html"
    page = report.render(report.make(project, machines, looks(), limits, NOW))
    path.write_text(page, encoding="utf-8")
    return path


def looks() -> dict[str, IdleLook]:
    """At three of the machines that are on: one in use, one whose idle stop does not run, one silent."""
    used = "2026-11-24T13:20:00Z stay: a notebook was used"
    return {
        "student-04": IdleLook(True, ("2026-11-24T12:00:00Z stay: the machine was switched on", used)),
        "student-08": IdleLook(False),
        "student-12": IdleLook(silence="paperspace@203.0.113.9:22: no answer in time"),
    }


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium on this computer (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, page_file: Path) -> Iterator[Page]:
    opened = browser.new_page(viewport=DESK)  # type: ignore[arg-type]
    opened.goto(page_file.as_uri())
    yield opened
    opened.close()


def column(page: Page, number: int) -> list[str]:
    cells = page.locator(f"#students tbody tr:visible td:nth-child({number})")
    return [text.strip() for text in cells.all_text_contents()]


def test_the_page_fetches_nothing_and_has_no_script_error(browser: Browser, page_file: Path) -> None:
    opened = browser.new_page()
    requested, errors = [], []
    opened.on("request", lambda request: requested.append(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    opened.goto(page_file.as_uri())
    assert requested == [page_file.as_uri()]
    assert errors == []
    opened.close()


def test_a_click_on_a_heading_sorts_numbers_as_numbers_and_again_turns_round(page: Page) -> None:
    page.get_by_role("button", name="$ projected").click()
    projected = [float(text) for text in column(page, 6)]
    assert projected == sorted(projected, reverse=True)
    assert projected[0] > 100 > projected[-1]
    page.get_by_role("button", name="$ projected").click()
    assert [float(text) for text in column(page, 6)] == projected[::-1]


def test_the_filter_leaves_who_matches(page: Page) -> None:
    page.get_by_label("Filter").fill("no machine could be had")
    assert column(page, 1) == ["student-03"]
    page.get_by_label("Filter").fill("nobody of that name")
    assert page.get_by_text("Nobody matches.").is_visible()


def test_text_of_others_is_never_html(page: Page) -> None:
    assert "<b>NY2</b>" in page.locator("tr", has_text="student-03").inner_text()


def test_idle_reasons_are_told_and_who_could_not_be_asked(page: Page) -> None:
    rows = {name: page.locator("tr", has_text=name) for name in ("student-04", "student-08", "student-12")}
    assert "24 Nov 13:20 stay: a notebook was used" in rows["student-04"].inner_text()
    assert (
        "idle stop does not run, 8\N{NO-BREAK SPACE}h" in rows["student-08"].locator(".bad").all_inner_texts()
    )
    assert "not asked: paperspace@203.0.113.9:22: no answer in time" in rows["student-12"].inner_text()


def test_totals_are_those_of_the_rows(page: Page) -> None:
    tile = page.locator(".tile", has_text="projected").locator("b").inner_text()
    total = sum(float(text) for text in column(page, 6))
    assert abs(float(tile.removeprefix("$").replace(",", "")) - total) < 0.5
    assert page.locator("figure svg").count() == 3


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_wider_than_the_screen(page: Page, size: dict[str, int]) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size["width"]


def test_on_a_phone_rows_are_cards_and_are_sorted_by_the_list(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert not page.get_by_role("button", name="$ projected").is_visible()
    page.get_by_label("Sort by").select_option(label="$ projected, highest first")
    projected = [float(text) for text in column(page, 6)]
    assert projected == sorted(projected, reverse=True)
