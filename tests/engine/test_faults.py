"""Whatever ends a run, the next one goes on from what was recorded, and no process stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.workbench import PROJECT, Workbench, eventually
from tests.waiting import kill_group, press_ctrl_c

TWO = """
a = Thing("a")
b = Thing("b", opts=ResourceOptions(depends_on=[a]))
"""


@contextmanager
def held_at(bench: Workbench, name: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """An `up` in the create of `name`, and the file that holds it there; both outputs in one pipe."""
    held = bench.steer(f"hold-{name}")
    bench.program(TWO)
    with bench.start("up", "--yes", "--skip-preview", stderr=subprocess.STDOUT) as process:
        try:
            eventually(lambda: f"begin {name}" in bench.log(), f"the create of {name} begins")
            yield process, held
        finally:
            kill_group(process)  # or it would wait for `held` for ever where the test fails


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_one_interrupt_lets_the_running_create_finish_and_starts_no_other(bench: Workbench) -> None:
    with held_at(bench, "a") as (process, held):
        press_ctrl_c(process)
        held.unlink()
        process.communicate(timeout=30)
    assert process.returncode == 1
    assert list(bench.resources()) == ["a"]
    assert "begin b" not in bench.log()
    assert bench.locks() == []
    assert "pending_operations" not in bench.state()
    bench.up()
    assert bench.log().count("create a") == 1
    assert list(bench.resources()) == ["a", "b"]


@pytest.mark.usefixtures("sandbox_only")
def test_two_interrupts_stop_at_once_and_leave_the_operation_pending(bench: Workbench) -> None:
    with held_at(bench, "a") as (process, held):
        children = bench.children_of(process.pid)
        press_ctrl_c(process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 8
    (pending,) = bench.state()["pending_operations"]
    assert (pending["type"], pending["resource"]["urn"].rpartition("::")[2]) == ("creating", "a")
    assert bench.locks() == []
    eventually(lambda: all(is_gone(child) for child in children), "all children end")
    held.unlink()
    assert "1 pending operations" in bench.up()
    assert list(bench.resources()) == ["a", "b"]
    bench.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    assert "pending_operations" not in bench.state()


@pytest.mark.usefixtures("sandbox_only")
def test_after_kill_nine_nothing_survives_but_the_lock_and_the_pending_operation(bench: Workbench) -> None:
    with held_at(bench, "a") as (process, held):
        children = bench.children_of(process.pid)
        assert len(children) >= 3  # the forker, the program and the provider
        process.kill()
        process.communicate(timeout=30)
    eventually(lambda: all(is_gone(child) for child in children), "all children end")
    held.unlink()
    assert "currently locked by 1 lock(s)" in bench.up(code=1)
    bench.run("cancel", "--yes")
    bench.up()
    assert list(bench.resources()) == ["a", "b"]


def test_killed_while_deleting_the_next_destroy_deletes_the_rest(bench: Workbench) -> None:
    bench.up(TWO)
    bench.steer("fail-delete-a")
    bench.run("destroy", "--yes", "--skip-preview", code=1)
    assert list(bench.resources()) == ["a"]
    (bench.world / "fail-delete-a").unlink()
    bench.run("destroy", "--yes", "--skip-preview")
    assert "resources" not in bench.state()


def test_a_crashed_provider_fails_the_update_and_the_next_one_goes_on(bench: Workbench) -> None:
    crash = bench.steer("crash-b")
    output = bench.up(TWO, code=1)
    assert "things:Thing (b)" in output
    assert list(bench.resources()) == ["a"]
    crash.unlink()
    bench.up()
    assert bench.log().count("create a") == 1
    assert list(bench.resources()) == ["a", "b"]


def test_a_failed_create_shows_the_providers_words_and_keeps_the_rest(bench: Workbench) -> None:
    bench.steer("fail-b")
    output = bench.up(TWO, code=1)
    assert "RuntimeError: cannot make b" in output
    assert list(bench.resources()) == ["a"]


def test_a_program_exception_deletes_nothing(bench: Workbench) -> None:
    bench.up(TWO)
    output = bench.up('Thing("c")\nraise ValueError("out of coffee")', code=1)
    assert "ValueError: out of coffee" in output
    assert {"a", "b"} <= set(bench.resources())
    assert not [line for line in bench.log() if line.startswith("delete")]


@pytest.mark.usefixtures("sandbox_only")
def test_a_program_that_starts_during_the_refresh_registers_nothing_when_that_fails(bench: Workbench) -> None:
    bench.up('Thing("a")')
    held = bench.steer("hold-read-a")
    bench.steer("fail-read-a")
    bench.program('import os\nopen(os.environ["WORLD"] + "/started", "w")\nprint("too early")\nThing("c")')
    with bench.start("up", "--yes", "--skip-preview", "--refresh") as process:
        try:
            eventually((bench.world / "started").exists, "the program starts while a is read")
        finally:
            held.unlink()
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "cannot read a" in out
    assert "too early" not in out
    assert bench.log() == ["begin a", "create a"]


def test_a_wrong_passphrase_is_refused_before_anything_happens(bench: Workbench) -> None:
    bench.up('Thing("a")')
    bench.environment["PULUMI_CONFIG_PASSPHRASE"] = "wrong horse"
    assert "incorrect passphrase" in bench.up('Thing("b")', code=1)
    assert list(bench.resources()) == ["a"]
    assert bench.log() == ["begin a", "create a"]


@pytest.mark.usefixtures("sandbox_only")
def test_a_full_disk_keeps_the_old_state(bench: Workbench) -> None:
    bench.up('Thing("a")')
    before = bench.state()
    bench.program('Thing("a", more="x" * 20_000)')
    limited = f"ulimit -f 16; exec {bench.pulumi} --non-interactive up --yes --skip-preview"
    ended = subprocess.run(
        ["bash", "-c", limited],
        cwd=bench.program_directory,
        env=bench.environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode != 0
    assert "the previous state is kept" in ended.stdout + ended.stderr
    assert bench.state() == before
    bench.up()
    assert bench.resources()["a"]["inputs"]["more"] == "x" * 20_000


@pytest.mark.usefixtures("sandbox_only")
def test_twenty_creates_run_at_the_same_time(bench: Workbench) -> None:
    held = [bench.steer(f"hold-t{n}") for n in range(20)]
    bench.program('for n in range(20): Thing(f"t{n}")')
    with bench.start("up", "--yes", "--skip-preview", "--parallel", "20") as process:
        eventually(lambda: len(bench.log()) == 20, "twenty creates have begun")
        for file in held:
            file.unlink()
        process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.usefixtures("sandbox_only")
def test_the_working_directory_of_this_repository_is_not_on_the_programs_path(bench: Workbench) -> None:
    bench.up(
        "import sys\npulumi.export('path', sys.path)\n"
        "pulumi.export('engine', 'sandbox.engine' in sys.modules)"
    )
    outputs = bench.json("stack", "output", "--json")
    assert str(PROJECT) not in outputs["path"]
    assert outputs["engine"] is False
    assert os.path.realpath(outputs["path"][0]) == str(bench.program_directory)


def test_a_provider_that_cannot_be_imported_says_why(bench: Workbench) -> None:
    bench.up('Thing("a")')
    (bench.program_directory / "things.py").rename(bench.program_directory / "moved.py")
    assert "No module named 'things'" in bench.run("destroy", "--yes", "--skip-preview", code=1)
    assert list(bench.resources()) == ["a"]


def test_warnings_of_the_provider_do_not_keep_it_from_starting(bench: Workbench) -> None:
    bench.environment["PYTHONPATH"] = str(bench.program_directory)
    (bench.program_directory / "sitecustomize.py").write_text("import sys\nsys.stderr.write('noise\\n')\n")
    venv = bench.directory / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(PROJECT / ".venv/bin/python")
    yaml = bench.program_directory / "Pulumi.yaml"
    yaml.write_text(f"name: bench\nruntime: {{name: python, options: {{virtualenv: {venv}}}}}\n")
    bench.environment["PYTHONPATH"] += f":{sysconfig.get_path('purelib')}"
    bench.up('Thing("a")')
    assert list(bench.resources()) == ["a"]
