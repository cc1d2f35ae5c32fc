"""A child is a copy of the engine, stack frames and all: what it meets must not end what the engine holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import PROJECT

ENGINE = """
import os, sys
from pathlib import Path
from sandbox.engine import child
from sandbox.engine.launcher import Launcher

def broken(spec, result):
    raise BrokenPipeError("the reader was killed")

child.run = broken
try:
    launcher = Launcher()
    running = launcher.start(sys.executable, Path.cwd(), dict(os.environ), {})
    assert running.wait() == 255
    assert b"the reader was killed" in running.output.read()
    launcher.close()
finally:
    (Path.cwd() / f"lock-given-back-by-{os.getpid()}").touch()
    print(os.getpid())
"""


def test_a_child_that_fails_does_not_give_back_what_the_engine_holds(tmp_path: Path) -> None:
    """It did after kill -9: the program's last words met a closed pipe, and the stack's lock was gone."""
    engine = subprocess.run(
        [sys.executable, "-c", ENGINE],
        cwd=tmp_path,
        env={"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert [file.name for file in tmp_path.iterdir()] == [f"lock-given-back-by-{engine.stdout.strip()}"]
