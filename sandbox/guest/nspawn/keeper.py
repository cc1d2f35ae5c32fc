"""Holds one machine: `python -m sandbox.guest.nspawn.keeper SPECIFICATION`, standard library only.

The machine's overlay and all of its processes are in a mount and a process namespace of their own. They end
with the keeper, and the keeper ends with its standard input: whatever becomes of the sandbox, no mount, no
container and no process is left. Killing systemd-nspawn alone would leave the container running.

It exits with systemd-nspawn's code: 0 when the machine powered itself off, 133 when it wants to be rebooted.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.guest.init import kernel

REBOOT = 133
HIERARCHIES = {"name=systemd": "/sys/fs/cgroup/systemd", "": "/sys/fs/cgroup/unified"}
ONLY_UNIFIED = "/sys/fs/cgroup"


@dataclass(frozen=True)
class Specification:
    """One boot. lowers: the read-only layers, the top one first. binds: options of systemd-nspawn."""

    name: str
    lowers: list[str]
    upper: str
    work: str
    root: str
    binds: list[str]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @property
    def overlay(self) -> str:
        """The mount's options. With metacopy a hard link to a file of a layer copies no data (`cp -al`)."""
        places = f"lowerdir={':'.join(self.lowers)},upperdir={self.upper},workdir={self.work}"
        return f"{places},redirect_dir=on,metacopy=on"

    @property
    def command(self) -> list[str]:
        """No line to the host's systemd, its network, its files or its time."""
        return [
            "systemd-nspawn", "--quiet", f"--directory={self.root}", f"--machine={self.name}",
            f"--hostname={self.name}", "--register=no", "--keep-unit", "--private-network",
            "--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=pipe", "--boot",
            *self.binds,
        ]  # fmt: skip


def main(specification: Specification) -> int:
    """The exit code, once the machine has ended."""
    groups = list(control_groups(specification.name))
    kernel.unshare(kernel.NEWNS | kernel.NEWPID)
    child = os.fork()
    if not child:
        become_machine(specification, groups)
    ended = os.pidfd_open(child)
    ready, _, _ = select.select([sys.stdin.fileno(), ended], [], [])
    if ended not in ready:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    for group in groups:
        remove(group)
    return os.waitstatus_to_exitcode(status) & 0xFF


def become_machine(specification: Specification, groups: list[Path]) -> None:
    """Never returns. The process is number one of its namespace: the kernel ends all others with it."""
    try:
        kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        for group in groups:
            (group / "cgroup.procs").write_text(str(os.getpid()))
        kernel.mount("", "/", "", kernel.RECURSIVE | kernel.PRIVATE)
        kernel.mount("proc", "/proc", "proc", kernel.NOSUID | kernel.NODEV | kernel.NOEXEC)
        kernel.mount("overlay", specification.root, "overlay", 0, specification.overlay)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.execvp(specification.command[0], specification.command)
    except OSError as error:
        sys.stderr.write(f"{error.strerror}: {error.filename or ''}\n")
    finally:
        os._exit(126)


def control_groups(name: str) -> Iterator[Path]:
    """An own group a machine: those that share one would count each other's processes as their own."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        folder = HIERARCHIES.get(controllers)
        if controllers == "" and folder and not Path(folder).is_dir():
            folder = ONLY_UNIFIED
        if folder and Path(folder).is_dir():
            group = Path(folder + path) / f"sandbox-{name}"
            remove(group)
            group.mkdir()
            yield group


def remove(group: Path) -> None:
    """Takes the group and those below it away; a group that still has processes stays."""
    for folder, _, _ in os.walk(group, topdown=False):
        with suppress(OSError):
            Path(folder).rmdir()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(main(Specification(**json.loads(sys.argv[1]))))
