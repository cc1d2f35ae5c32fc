"""Ctrl-C that is heard instead of ending `lab` in the middle of something."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from typing import Any, TypeVar

import typer

STATUS_INTERRUPTED = 130
"""As a shell has it for SIGINT."""


AWAKE_EVERY = 0.2
"""Seconds. Python handles a signal between two waits of the main thread: one that comes just as a wait begins
would be heard only at its end."""

T = TypeVar("T")


def as_they_end(futures: Iterable[Future[T]]) -> Iterator[Future[T]]:
    """As concurrent.futures.as_completed, and Ctrl-C is heard all the while."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, AWAKE_EVERY, FIRST_COMPLETED)
        yield from done


@contextmanager
def interruptible(heard: Callable[[], None]) -> Iterator[None]:
    """While inside, Ctrl-C and SIGTERM call `heard`, each time; only in the main thread, as signals are."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: Any) -> None:
        heard()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def told_if_interrupted(text: str) -> Iterator[None]:
    """While inside, Ctrl-C ends `lab`, with `text`: typer alone would end it without a word."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(text, err=True)
        raise typer.Exit(STATUS_INTERRUPTED) from None
