"""Starts child processes through one small forker that has the SDK imported already.

The forker is single-threaded and forks before any gRPC server exists, so importing pulumi is paid once per
command. It
ends, with all its children, when the engine does, however the engine ends.
"""

from __future__ import annotations

import gc
import io
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sandbox.engine import child
from sandbox.engine.errors import CommandError

_PID_BYTES = 16


@dataclass
class Child:
    """A running child: its output (stdout and stderr in one) and the pipe that carries its exit code."""

    pid: int
    output: IO[bytes]
    result: IO[bytes]

    def wait(self) -> int:
        """The exit code; 255 when the child died without one."""
        code = os.read(self.result.fileno(), 8)
        return int(code) if code else 255

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
            os.killpg(self.pid, signal.SIGKILL)


class Launcher:
    def __init__(self) -> None:
        import pulumi.dynamic  # noqa: F401 the point of the forker: children find it imported

        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        sys.stdout.flush()
        engine = os.getpid()
        gc.freeze()  # what is imported stays, and the children share its memory
        gc.enable()
        self._forker = os.fork()
        if self._forker == 0:
            with _never_returning():
                self._socket.close()
                _serve(theirs, engine)
        theirs.close()

    def start(self, python: str, directory: Path, environment: dict[str, str], spec: dict[str, Any]) -> Child:
        """Start a child with `spec` (see child.py) in `directory`, under the interpreter `python`."""
        output, child_output = os.pipe()
        result, child_result = os.pipe()
        executable = shutil.which(python)
        if executable is None:
            msg = f"no interpreter {python!r} found; set runtime.options.virtualenv in Pulumi.yaml"
            raise CommandError(msg)
        order = {"python": executable, "directory": str(directory), "environment": environment, "spec": spec}
        with self._lock, tempfile.TemporaryFile() as paper:  # a file, because secrets must not be in argv
            paper.write(json.dumps(order).encode())
            paper.flush()
            socket.send_fds(self._socket, [b"!"], [paper.fileno(), child_output, child_result])
            pid = int(self._socket.recv(_PID_BYTES, socket.MSG_WAITALL))
        os.close(child_output)
        os.close(child_result)
        return Child(pid, os.fdopen(output, "rb"), os.fdopen(result, "rb"))

    def close(self) -> None:
        self._socket.close()
        os.waitpid(self._forker, 0)


@contextmanager
def _never_returning() -> Iterator[None]:
    """An error in a forked process, as of a pipe whose reader was killed, ends it: going on up the stack, it
    would leave the engine's own `with` blocks too, and so give its lock of the stack back."""
    try:
        yield
    except BaseException:  # noqa: BLE001 the last place where anything can be said
        traceback.print_exc()
    finally:
        os._exit(1)


def _serve(orders: socket.socket, engine: int) -> None:
    """The forker's loop; never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children
    child.die_with_parent(engine)
    while True:
        message, descriptors, _, _ = socket.recv_fds(orders, 1, 3)
        if not message:
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            with _never_returning():
                orders.close()
                _become(descriptors, os.getppid())
        for descriptor in descriptors:
            os.close(descriptor)
        orders.send(str(pid).encode().ljust(_PID_BYTES))


def _become(descriptors: list[int], forker: int) -> None:
    child.die_with_parent(forker)
    os.setpgid(0, 0)  # a Ctrl-C at the terminal is the engine's to handle
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    paper, output, result = descriptors
    os.lseek(paper, 0, os.SEEK_SET)
    order = json.load(os.fdopen(os.dup(paper)))
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(output)
    os.chdir(order["directory"])
    os.environ.clear()
    os.environ.update(order["environment"])
    if not Path(order["python"]).parent.parent.samefile(sys.prefix):  # a project may link to its environment
        for descriptor in (paper, result):
            os.set_inheritable(descriptor, True)
        arguments = [order["python"], "-u", child.__file__, str(paper), str(result)]
        os.execve(order["python"], arguments, order["environment"])
    os.close(paper)
    _forget_the_engine()
    child.run(order["spec"], result)


def _forget_the_engine() -> None:
    """Leave only what a fresh interpreter with pulumi imported would have."""
    root = str(Path(__file__).parents[2])
    sys.path[:] = [entry for entry in sys.path if entry != root]
    for name in [name for name in sys.modules if name == "sandbox" or name.startswith("sandbox.")]:
        if name != child.__name__:
            del sys.modules[name]
    sys.stdout, sys.stderr = _unbuffered(1), _unbuffered(2)


def _unbuffered(descriptor: int) -> io.TextIOWrapper:
    """A stream as `python -u` makes it; the dynamic provider writes its port without flushing."""
    return io.TextIOWrapper(open(descriptor, "wb", buffering=0), "utf-8", write_through=True)
