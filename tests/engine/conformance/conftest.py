"""The engine that is asked for, and what the real CLI did with the same programs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SANDBOX_ENGINE
from tests.engine.command.machines import in_process
from tests.engine.conformance.cases import CASES
from tests.engine.conformance.outcome import outcome

RECORDED = Path(__file__).parent / "recorded"
AT_ONCE = 2

Outcome = list[dict[str, Any]]


def pytest_addoption(parser: pytest.Parser) -> None:
    with suppress(ValueError):
        parser.addoption("--record", action="store_true", help="write down what the real programs answer")


@pytest.fixture(scope="session")
def real_pulumi() -> Path:
    found = shutil.which("pulumi")
    assert found, "put the real `pulumi` on PATH"
    return Path(found)


@pytest.fixture(scope="session")
def run_case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, Path], Future[Outcome]]]:
    """Start a case, or find it started: at the first demand all selected cases begin, two at a time."""
    pool = ThreadPoolExecutor(AT_ONCE)
    started: dict[tuple[str, Path], Future[Outcome]] = {}

    def run(name: str, executable: Path) -> Outcome:
        home = tmp_path_factory.mktemp("machine")
        with in_process(home) as machine:
            return outcome(name, executable, tmp_path_factory.mktemp(name), machine)

    def start(name: str, executable: Path) -> Future[Outcome]:
        for each in [name, *_selected(request)]:
            if (each, executable) not in started:
                started[each, executable] = pool.submit(run, each, executable)
        return started[name, executable]

    yield start
    pool.shutdown(cancel_futures=True)


def _selected(request: pytest.FixtureRequest) -> list[str]:
    specs = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = {spec.params["case"] for spec in specs if spec and "case" in spec.params}
    return [name for name in CASES if name in chosen]


@pytest.fixture(scope="session", autouse=True)
def head_start(
    request: pytest.FixtureRequest, run_case: Callable[[str, Path], Future[Outcome]], pulumi: Path
) -> None:
    """Let the cases begin beside whatever test of this folder comes first, to use both cores."""
    names = {getattr(item, "originalname", "") for item in request.session.items}
    if "test_the_engine_does_what_the_real_cli_did" in names:
        run_case(_selected(request)[0], pulumi)


@pytest.fixture
def outcome_of(run_case: Callable[[str, Path], Future[Outcome]]) -> Callable[[str, Path], Outcome]:
    return lambda name, executable: run_case(name, executable).result()


@pytest.fixture
def recorded() -> Callable[[str], Outcome]:
    def read(name: str) -> Outcome:
        return [json.loads(line) for line in (RECORDED / f"{name}.jsonl").read_text().splitlines()]

    return read


@pytest.fixture
def recording(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--record", default=False))


@pytest.fixture
def record(recording: bool) -> Callable[[Path, object], None]:
    """Writes down what the real CLI printed, where that is asked for."""

    def write(file: Path, printed: object) -> None:
        if recording:
            file.write_text(json.dumps(printed, indent=1, ensure_ascii=False) + "\n")

    return write


def write_record(name: str, steps: Outcome) -> None:
    RECORDED.mkdir(exist_ok=True)
    lines = (json.dumps(step, sort_keys=True, separators=(",", ":")) for step in steps)
    (RECORDED / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines))


@pytest.fixture(scope="session")
def sandbox_pulumi() -> Path:
    return SANDBOX_ENGINE
