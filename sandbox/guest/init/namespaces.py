"""Builds a machine's own view of the world out of Linux namespaces (level L1).

The root is the machine's disk. Of the host it shows /usr, the Python that runs this and its own sandbox
package, all read-only. The user's sessions see a second, narrower view in which only /home, /tmp, /var/tmp
and /run are writable, because one host user owns every file of the machine and permissions alone would not
stop the user.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

from sandbox.guest.init import kernel
from sandbox.guest.init.specification import LIBRARY, PACKAGES, UPSTREAM, Specification

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
ROOT_ONLY = ("/etc", "/root", "/opt", "/srv", "/usr/local", "/var/lib", "/var/log", "/var/cache")
REPLACED = ("systemctl", "journalctl", "loginctl", "sudo", "su", "runuser", "chpasswd", "passwd",
            "shutdown", "poweroff", "reboot", "halt", "who", "w", "wall", "last",
            "nvidia-smi")  # fmt: skip


def enter(specification: Specification) -> None:
    """Become process number one of new namespaces; the caller's process waits outside and then exits."""
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(kernel.NEWUSER | kernel.NEWNS | kernel.NEWPID | kernel.NEWIPC | kernel.NEWUTS)
    kernel.map_identity(0, user, group)
    child = os.fork()
    if child:
        _close_everything()
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
    socket.sethostname(specification.hostname)
    kernel.mount("", "/", "", kernel.RECURSIVE | kernel.PRIVATE)
    _assemble(specification)


def isolate_network(specification: Specification) -> None:
    """Change to the assembled root and to a network that is only a loopback."""
    kernel.pivot_root(specification.disk)
    kernel.unshare(kernel.NEWNET)
    kernel.loopback_up()


def package_view(specification: Specification) -> None:
    """In a process that keeps the host's network: add what uv needs, then change to the assembled root."""
    kernel.unshare(kernel.NEWNS)
    kernel.mount("", "/", "", kernel.RECURSIVE | kernel.PRIVATE)
    place = Path(specification.disk + PACKAGES)
    (place / "cache").mkdir(parents=True, exist_ok=True)
    kernel.bind(specification.cache, str(place / "cache"))
    _bind_file(specification.uv, place / "uv")
    certificates = specification.package_environment.get("SSL_CERT_FILE", "")
    if certificates and Path(certificates).is_file():
        _bind_file(certificates, place / "certificates.pem")
    for name in ("resolv.conf", "hosts"):
        if Path("/etc", name).exists():
            _bind_file(os.path.realpath(f"/etc/{name}"), Path(specification.disk, "etc", name))
    kernel.pivot_root(specification.disk)


def user_view() -> int:
    """A descriptor of the mount namespace that the user's sessions live in."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        kernel.unshare(kernel.NEWNS)
        kernel.mount("", "/", "", kernel.RECURSIVE | kernel.SLAVE)
        for folder in ROOT_ONLY:
            kernel.bind(folder, folder, read_only=True)
        os.write(writer, b"1")
        signal.pause()
    os.close(writer)
    ready = os.read(reader, 1)
    os.close(reader)
    if not ready:
        message = "the view of the user's sessions could not be made"
        raise OSError(message)
    view = os.open(f"/proc/{child}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return view


def root_of(view: int | None) -> int:
    """A descriptor of the root folder as seen in a view (None: the present one)."""
    if view is None:
        return os.open("/", os.O_PATH | os.O_CLOEXEC)
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        kernel.setns(view, kernel.NEWNS)
        socket.send_fds(theirs, [b"1"], [os.open("/", os.O_PATH)])
        os._exit(0)
    _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
    os.waitpid(child, 0)
    ours.close()
    theirs.close()
    return descriptors[0]


def works(run: Callable[[], None]) -> bool:
    """Whether `run`, in a process of its own, ends without an OSError."""
    child = os.fork()
    if not child:
        try:
            run()
        except OSError as error:
            sys.stderr.write(f"{error}\n")
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _assemble(specification: Specification) -> None:
    root = specification.disk
    kernel.bind(root, root)
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        _like_host(root, name)
    own_local = os.open(root + "/usr/local", os.O_PATH)
    _bind_folder("/usr", root + "/usr")
    kernel.bind(f"/proc/self/fd/{own_local}", root + "/usr/local")
    os.close(own_local)
    for prefix in specification.python_prefixes:
        _bind_folder(prefix, root + prefix)
    for name, folder in specification.libraries.items():
        _bind_folder(folder, f"{root}{LIBRARY}/{name}")
    _bind_folder(specification.upstream, root + UPSTREAM)
    _hide_host_commands(root)
    _devices(root)
    _processes(root)


def _like_host(root: str, name: str) -> None:
    host, inside = Path("/", name), Path(root, name)
    if host.is_symlink():
        if not inside.is_symlink():
            inside.symlink_to(host.readlink())
    elif host.is_dir():
        _bind_folder(str(host), str(inside))


def _bind_folder(source: str, target: str) -> None:
    if not Path(target).is_dir():
        Path(target).mkdir(parents=True)
    kernel.bind(source, target, read_only=True)


def _bind_file(source: str, target: Path, *, read_only: bool = True) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch()
    kernel.bind(source, str(target), read_only=read_only)


def _hide_host_commands(root: str) -> None:
    for name in REPLACED:
        stand_in = Path(root, "usr/local/bin", name)
        for folder in ("usr/bin", "usr/sbin"):
            command = Path(root, folder, name)
            if stand_in.exists() and command.is_file() and not command.is_symlink():
                kernel.bind(str(stand_in), str(command))


def _devices(root: str) -> None:
    folder = Path(root, "dev")
    folder.mkdir(exist_ok=True)
    kernel.mount("tmpfs", str(folder), "tmpfs", kernel.NOSUID, "mode=755")
    for name in DEVICES:
        _bind_file(f"/dev/{name}", folder / name, read_only=False)
    (folder / "pts").mkdir()
    kernel.mount(
        "devpts", str(folder / "pts"), "devpts", kernel.NOSUID | kernel.NOEXEC, "newinstance,ptmxmode=0666"
    )
    (folder / "ptmx").symlink_to("pts/ptmx")
    (folder / "shm").mkdir()
    kernel.mount("tmpfs", str(folder / "shm"), "tmpfs", kernel.NOSUID | kernel.NODEV, "mode=1777")
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        (folder / name).symlink_to(f"/proc/self/fd{target}")


def _processes(root: str) -> None:
    """A /proc of the machine's own processes; the host's settings in it are read-only."""
    folder = root + "/proc"
    Path(folder).mkdir(exist_ok=True)
    kernel.mount("proc", folder, "proc", kernel.NOSUID | kernel.NODEV | kernel.NOEXEC)
    boot_id = Path(root, "run/guest/boot_id")
    boot_id.write_text(f"{uuid.uuid4()}\n", encoding="ascii")
    kernel.bind(str(boot_id), folder + "/sys/kernel/random/boot_id")
    for name in ("sys", "sysrq-trigger"):
        if Path(folder, name).exists():
            kernel.bind(f"{folder}/{name}", f"{folder}/{name}", read_only=True)


def _close_everything() -> None:
    os.closerange(3, 1024)
