"""Starts processes in the machine's views and tells when they end."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import sys
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sandbox.guest.init import kernel
from sandbox.guest.init.specification import USER, USER_ID

Standard = tuple[int, int, int]
LOGIN_SHELL = "-bash"


class Processes:
    """The processes that this one started, and the orphans it inherits.

    user_view: the mount namespace that processes of the user enter; None keeps them in the present one.
    confined: whether the user is a user namespace of its own (L1) or only a name (L0).
    """

    def __init__(self, *, confined: bool, user_view: int | None) -> None:
        self._confined = confined
        self._user_view = user_view
        self._ends: dict[int, asyncio.Future[int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def watch(self) -> None:
        """Take note of every process that ends from now on."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)

    def start(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        user: str,
        folder: str,
        standard: Standard,
        terminal: bool = False,
    ) -> tuple[int, asyncio.Future[int]]:
        """Start `argv`; returns its pid and a future of its exit code (128 + n when signal n ended it).

        standard: descriptors that become 0, 1 and 2. terminal: 0 is to be its controlling terminal.
        A command that cannot be run ends with 127 or 126 as a shell would say it.
        """
        end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        pid = os.fork()
        if not pid:
            self._become(argv, environment, user, folder, standard, terminal)
        self._ends[pid] = end
        return pid, end

    async def gone(self, pid: int) -> None:
        """Wait for the end of a process that `start` started."""
        end = self._ends.get(pid)
        if end is not None:
            await asyncio.shield(end)

    async def all_gone(self) -> None:
        """Wait until no child is left; the caller has signalled them, or bounds the wait."""
        while self._has_children():
            await asyncio.sleep(0.005)

    def _has_children(self) -> bool:
        self._reap()
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        return True

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold a task that nobody waits for until it is done."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _become(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        user: str,
        folder: str,
        standard: Standard,
        terminal: bool,
    ) -> None:
        try:
            _plain_signals()
            os.setsid()
            for target, source in enumerate(_above_standard(standard)):
                os.dup2(source, target, inheritable=True)
            if terminal:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            self._change_user(user)
            _change_folder(folder)
            os.closerange(3, 4096)
            program = "/bin/bash" if argv[0] == LOGIN_SHELL else argv[0]
            os.execvpe(program, list(argv), dict(environment))
        except OSError as error:
            os.write(2, f"{argv[0]}: {error.strerror}\n".encode("utf-8", "surrogateescape"))
            os._exit(127 if isinstance(error, FileNotFoundError) else 126)
        except BaseException as error:  # noqa: BLE001 - a forked copy must never return to the loop
            os.write(2, f"{argv[0]}: {error}\n".encode("utf-8", "surrogateescape"))
            os._exit(126)

    def _change_user(self, user: str) -> None:
        os.umask(0o002 if user == USER else 0o022)
        if not self._confined or user != USER:
            return
        if self._user_view is not None:
            kernel.setns(self._user_view, kernel.NEWNS)
        kernel.unshare(kernel.NEWUSER)
        kernel.map_identity(USER_ID, 0, 0)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            code = os.waitstatus_to_exitcode(status)
            end = self._ends.pop(pid, None)
            if end is not None and not end.done():
                end.set_result(code if code >= 0 else 128 - code)

    def signal_everything(self, number: int) -> None:
        """Signal every process of the machine but this one."""
        if self._confined:
            with suppress(ProcessLookupError):
                os.kill(-1, number)
            return
        for pid in descendants(os.getpid()):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def tagged(assignment: str) -> set[int]:
    """The processes whose environment began with this NAME=value."""
    wanted = assignment.encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
    return found


def descendants(ancestor: int) -> list[int]:
    """Every process below `ancestor`; a sub-reaper also inherits those that were set free."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parent = int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [ancestor]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def open_terminal(rows: int, columns: int) -> tuple[int, int]:
    """A new pseudo-terminal: (controlling side, the program's side)."""
    controlling, program = os.openpty()
    fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", rows or 24, columns or 80, 0, 0))
    return controlling, program


def _above_standard(standard: Standard) -> list[int]:
    return [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10) for descriptor in standard]


def _plain_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _change_folder(folder: str) -> None:
    try:
        os.chdir(folder)
    except OSError as error:
        sys.stderr.flush()
        os.write(2, f"Could not chdir to {folder}: {error.strerror}\n".encode())
        os.chdir("/")
