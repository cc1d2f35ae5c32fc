"""Paths of a machine, resolved from outside without leaving it: its symbolic links are followed here."""

from __future__ import annotations

import errno
import os
import posixpath
from collections import deque
from contextlib import suppress

MOST_LINKS = 40


class GuestFiles:
    """The files below a root descriptor, in one view (the root's or the user's).

    prefix: what the machine's own processes write before an absolute path (GUEST_ROOT at level L0), else "".
    """

    def __init__(self, root: int, prefix: str = "") -> None:
        self._root = root
        self._prefix = prefix.rstrip("/")

    def close(self) -> None:
        os.close(self._root)

    def inside(self, path: str, start: str = "/") -> str:
        """The absolute path inside the machine; a relative one begins at `start`."""
        if self._prefix and (path == self._prefix or path.startswith(self._prefix + "/")):
            path = path[len(self._prefix) :] or "/"
        return posixpath.normpath(posixpath.join("/", start, path))

    def outside(self, path: str, *, follow_last: bool = True) -> str:
        """The path to open on the host for an absolute path of the machine. Raises OSError (ELOOP).

        A last component that does not exist is kept, so that it can be made.
        """
        return f"/proc/self/fd/{self._root}/{self._resolved(path, follow_last).lstrip('/')}".rstrip("/")

    def read_text(self, path: str) -> str:
        """A small file's text; empty when it is not there."""
        try:
            with open(self.outside(path), encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                return file.read(1 << 20)
        except OSError:
            return ""

    def names(self, folder: str) -> list[str]:
        """The names in a folder, sorted; none when it is not there."""
        with suppress(OSError):
            return sorted(os.listdir(self.outside(folder)))  # noqa: PTH208
        return []

    def _resolved(self, path: str, follow_last: bool) -> str:
        waiting = deque(part for part in path.split("/") if part and part != ".")
        done: list[str] = []
        links = 0
        while waiting:
            part = waiting.popleft()
            if part == "..":
                done = done[:-1]
                continue
            target = self._link(done, part) if waiting or follow_last else None
            if target is None:
                done.append(part)
                continue
            links += 1
            if links > MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            if target.startswith("/"):
                target, done = self.inside(target), []
            waiting.extendleft(reversed([name for name in target.split("/") if name and name != "."]))
        return "/" + "/".join(done)

    def _link(self, folder: list[str], name: str) -> str | None:
        with suppress(OSError):
            return os.readlink(f"/proc/self/fd/{self._root}/{'/'.join([*folder, name])}")  # noqa: PTH115
        return None
