"""A folder is whole or not there, however many make it and whoever is killed."""

from __future__ import annotations

import os
import signal
from multiprocessing import get_context
from pathlib import Path

import pytest

from sandbox.guest.atomic import made_once
from tests.waiting import wait_until


def make_counted(folder: Path) -> None:
    with (folder.parent / "count").open("a") as file:
        file.write("made\n")
    (folder / "whole").write_text("yes")


def make_and_hang(folder: Path) -> None:
    (folder / "half").write_text("")
    signal.pause()


def test_two_processes_make_it_once(tmp_path: Path) -> None:
    context = get_context("spawn")
    workers = [context.Process(target=made_once, args=(tmp_path / "thing", make_counted)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (tmp_path / "count").read_text() == "made\n"
    assert (tmp_path / "thing/whole").read_text() == "yes"


def test_kill_9_in_the_middle_leaves_nothing_half_made(tmp_path: Path) -> None:
    worker = get_context("spawn").Process(target=made_once, args=(tmp_path / "thing", make_and_hang))
    worker.start()
    wait_until(lambda: any(tmp_path.glob(".thing.making-*/half")), "it is half made")
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    assert not (tmp_path / "thing").exists()
    made_once(tmp_path / "thing", make_counted)
    assert (tmp_path / "thing/whole").exists()
    assert not list(tmp_path.glob(".thing.making-*"))


def test_a_failure_leaves_nothing_and_is_raised(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("")
        message = "no"
        raise OSError(message)

    with pytest.raises(OSError, match="no"):
        made_once(tmp_path / "thing", fail)
    assert [path.name for path in tmp_path.iterdir()] == [".thing.lock"]
