"""The Linux calls that Python 3.11's os module lacks. Each raises OSError."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x20000,
    0x4000000,
    0x8000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
NOSUID, NODEV, NOEXEC, READ_ONLY, REMOUNT, BIND, RECURSIVE = 2, 4, 8, 1, 32, 4096, 16384
PRIVATE, SLAVE, NOATIME, NODIRATIME, RELATIME = 1 << 18, 1 << 19, 1024, 2048, 1 << 21
STATVFS_RELATIME = 4096
DETACH = 2
SET_PDEATHSIG, SET_NAME, SET_CHILD_SUBREAPER = 1, 15, 36

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def unshare(flags: int) -> None:
    """Move this process to new namespaces, unshare(2)."""
    _checked(_libc.unshare(flags), "unshare")


def setns(namespace: int, kind: int) -> None:
    """Enter the namespace behind a descriptor, setns(2)."""
    _checked(_libc.setns(namespace, kind), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2)."""
    arguments = [text.encode() or None for text in (source, target, kind)]
    _checked(_libc.mount(*arguments, ctypes.c_ulong(flags), data.encode() or None), f"mount {target}")


def bind(source: str, target: str, *, read_only: bool = False) -> None:
    """Show `source` at `target`, with all that is mounted below it."""
    mount(source, target, "", BIND | RECURSIVE)
    if read_only:
        make_read_only(target)


def make_read_only(target: str) -> None:
    """Make the mount at `target` read-only; the flags that a namespace may not drop are kept."""
    present = os.statvfs(target).f_flag
    kept = present & (NOSUID | NODEV | NOEXEC | NOATIME | NODIRATIME)
    kept |= RELATIME if present & STATVFS_RELATIME else 0
    mount("", target, "", REMOUNT | BIND | READ_ONLY | kept)


def pivot_root(new_root: str) -> None:
    """Make `new_root`, a mount point, the root; nothing of the old one stays reachable."""
    os.chdir(new_root)
    _checked(_libc.pivot_root(b".", b"."), "pivot_root")
    _checked(_libc.umount2(b".", DETACH), "umount2")
    os.chdir("/")


def prctl(option: int, value: int | bytes) -> None:
    """prctl(2) with one argument."""
    _checked(_libc.prctl(option, value, 0, 0, 0), "prctl")


def loopback_up() -> None:
    """Bring `lo` up in the present network namespace."""
    up_and_running = 0x1 | 0x40
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", up_and_running))  # SIOCSIFFLAGS


def map_identity(inside: int, user: int, group: int) -> None:
    """In a new user namespace: the outer `user` and `group` are `inside` here."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside} {user} 1"),
        ("gid_map", f"{inside} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123
            file.write(text)
