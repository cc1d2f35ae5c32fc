# ruff: noqa: UP006, UP035 - the machine's Python may be 3.6
"""Signs of use of a machine (guest-facts.md 4). Every path is below `root`, so that recordings can stand in.

A sensor takes the counters of the last tick and returns its signal; what it counts it puts into `counters`.
"""

import calendar
import fcntl
import json
import os
import re
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

from components.guest.idle_decision import Signal

PEOPLE = range(1000, 65534)
BYTES_A_MINUTE = 1500
BUSY_CORES = 0.15
BUSY_GPU_PERCENT = 3
ASK_SECONDS = 5
STACKS_OWN = (b"STEP_TOKEN=", b"FASTAI_STACK=")
"""In the environment of every session that the stack itself opens (components/step.py, components/ssh.py)."""


class Machine(NamedTuple):
    """root: "/" or where a recording is; port: Jupyter's; wall: its clock; elapsed: since the last tick."""

    root: Path
    port: int
    wall: float
    elapsed: float
    before: Dict[str, Dict[str, float]]
    counters: Dict[str, Any]

    def rate(self, sensor: str, counts: Dict[str, float]) -> float:
        """What was added a second since the last tick; what is new counts whole."""
        self.counters[sensor] = counts
        if sensor not in self.before or self.elapsed <= 0:
            return 0.0
        last = self.before[sensor]
        return sum(max(count - last.get(key, 0), 0) for key, count in counts.items()) / self.elapsed

    def age(self, stamp: float) -> float:
        """Since a time of the wall clock; a stamp of the future is now."""
        return max(self.wall - stamp, 0.0)


def terminals(machine: Machine) -> Signal:
    """Input on a terminal moves its access time; output does not."""
    ages = [machine.age(path.stat().st_atime) for path in machine.root.glob("dev/pts/[0-9]*")]
    return Signal("terminals", min(ages) if ages else None, "someone typed in a terminal")


def logins(machine: Machine) -> Signal:
    """logind rewrites its sessions at every login and logout."""
    try:
        stamp = (machine.root / "run/systemd/sessions").stat().st_mtime
    except FileNotFoundError:
        return Signal("logins")
    return Signal("logins", machine.age(stamp), "someone logged in or out")


def jupyter(machine: Machine) -> Signal:
    """Busy kernels, what kernels and Jupyter's terminals last did, and notebooks that were saved.

    The server's own last_activity and open connections do not count: an open tab that nobody touches
    moves them.
    """
    ages: List[float] = []
    for path in machine.root.glob("home/*/.local/share/jupyter/runtime/*server-*.json"):
        server = json.loads(path.read_text())
        if (machine.root / "proc" / str(server["pid"])).exists():
            ages.extend(uses_of(machine, server))
    return Signal("jupyter", min(ages) if ages else None, "a notebook was used")


def uses_of(machine: Machine, server: Dict[str, Any]) -> Iterator[float]:
    for session in ask(server, "api/sessions"):
        kernel = session["kernel"]
        if kernel["execution_state"] == "busy":
            yield 0.0
        elif kernel["execution_state"] != "starting":
            yield machine.age(epoch(kernel["last_activity"]))
        notebook = Path(server.get("root_dir") or server.get("notebook_dir") or "/") / session["path"]
        if notebook.exists():
            yield machine.age(notebook.stat().st_mtime)
    for terminal in ask(server, "api/terminals"):
        yield machine.age(epoch(terminal["last_activity"]))


def ask(server: Dict[str, Any], path: str) -> List[Dict[str, Any]]:
    """One of the server's lists, asked without being counted as activity. Raises OSError."""
    url = "http://localhost:{}/{}?no_track_activity=1".format(server["port"], path)
    request = urllib.request.Request(url, headers={"Authorization": "token " + server["token"]})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=ASK_SECONDS) as answer:
        listed: List[Dict[str, Any]] = json.loads(answer.read().decode())
        return listed


def epoch(stamp: str) -> float:
    """Seconds of a time such as 2026-11-24T20:00:00.5Z, always UTC."""
    whole = re.split(r"[.Z+]", stamp)[0]
    return float(calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")))


def tunnels(machine: Machine) -> Signal:
    """Bytes on loopback sockets of sshd, but for those to Jupyter, which is asked itself.

    Keepalives of the connection are not in them: a forgotten `ssh -N -L` counts for nothing.
    """
    listing = output_of(["ss", "-tinOpH"])
    busy = machine.rate("tunnels", dict(forwarded(listing, machine.port))) * 60 > BYTES_A_MINUTE
    return Signal("tunnels", 0.0 if busy else None, "data goes through a tunnel")


def forwarded(listing: str, jupyter_port: int) -> Iterator[Tuple[str, float]]:
    """Socket and bytes of every line of `ss` that is a forward of sshd to another port than Jupyter's."""
    for line in listing.splitlines():
        fields = line.split()
        if '"sshd' not in line or len(fields) < 5:
            continue
        local, peer = fields[3:5]
        host, _, port = peer.rpartition(":")
        if host in ("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]") and port != str(jupyter_port):
            counts = re.findall(r"bytes_(?:sent|received):(\d+)", line)
            yield local + " " + peer, float(sum(map(int, counts)))


def commands(machine: Machine) -> Signal:
    """What commands without a terminal read and write, such as rsync or a remote editor at work.

    Not the stack's own: a preview is no use of the machine, and its steps have a sensor of their own.
    """
    processes = {pid: stat for pid, stat in people(machine) if stat["tty"] == 0}
    sessions = {pid for pid, stat in processes.items() if stat["name"].startswith("sshd")}
    counts: Dict[str, float] = {}
    for pid, stat in processes.items():
        if pid not in sessions and descends(pid, processes, sessions) and not of_the_stack(machine, pid):
            counts["{}-{}".format(pid, stat["started"])] = read_and_written(machine, pid)
    busy = machine.rate("commands", counts) * 60 > BYTES_A_MINUTE
    return Signal("commands", 0.0 if busy else None, "a command works over SSH")


def descends(pid: int, processes: Dict[int, Dict[str, Any]], ancestors: Any) -> bool:
    for _ in range(len(processes)):
        if pid in ancestors:
            return True
        if pid not in processes:
            return False
        pid = processes[pid]["parent"]
    return False


def of_the_stack(machine: Machine, pid: int) -> bool:
    try:
        variables = (machine.root / "proc" / str(pid) / "environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return any(variable.startswith(STACKS_OWN) for variable in variables)


def read_and_written(machine: Machine, pid: int) -> float:
    try:
        text = (machine.root / "proc" / str(pid) / "io").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    counts = dict(line.split(": ") for line in text.splitlines())
    return float(counts["rchar"]) + float(counts["wchar"])


def processor(machine: Machine) -> Signal:
    """CPU time of people's processes, not root's."""
    hertz = float(os.sysconf("SC_CLK_TCK"))
    counts = {"{}-{}".format(pid, stat["started"]): stat["ticks"] / hertz for pid, stat in people(machine)}
    busy = machine.rate("processor", counts) > BUSY_CORES
    return Signal("processor", 0.0 if busy else None, "a program computes")


def people(machine: Machine) -> Iterator[Tuple[int, Dict[str, Any]]]:
    """Processes of people: name, parent, tty (0 for none), ticks of CPU time, and when they started."""
    for folder in machine.root.glob("proc/[0-9]*"):
        try:
            if folder.stat().st_uid not in PEOPLE:
                continue
            text = (folder / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        name = text[text.index("(") + 1 : text.rindex(")")]
        rest = text[text.rindex(")") + 2 :].split()
        yield (
            int(folder.name),
            {
                "name": name,
                "parent": int(rest[1]),
                "tty": int(rest[4]),
                "ticks": float(rest[11]) + float(rest[12]),
                "started": rest[19],
            },
        )


def graphics(_machine: Machine) -> Signal:
    """GPU utilisation, where there is a GPU. A template may bring nvidia-smi to a machine without one."""
    try:
        listing = output_of(["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"])
    except subprocess.CalledProcessError:
        return Signal("graphics")
    busy = any(int(line) > BUSY_GPU_PERCENT for line in listing.split() if line.isdigit())
    return Signal("graphics", 0.0 if busy else None, "the GPU computes")


def steps(machine: Machine) -> Signal:
    """The stack's own steps: the runner holds a lock while one works."""
    locks = machine.root.glob("home/*/.local/state/fastai/steps/*/worker.lock")
    busy = any(is_held(path) for path in locks)
    return Signal("steps", 0.0 if busy else None, "the stack sets something up")


def is_held(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def output_of(command: List[str]) -> str:
    """What a program prints; nothing where the machine does not have it."""
    try:
        return subprocess.check_output(command, timeout=ASK_SECONDS, stderr=subprocess.DEVNULL).decode()
    except FileNotFoundError:
        return ""


SENSORS = (terminals, logins, jupyter, tunnels, commands, processor, graphics, steps)


def read_all(machine: Machine) -> List[Signal]:
    """Every sensor's signal. One that breaks stops neither the others nor the machine."""
    signals = []
    for sensor in SENSORS:
        try:
            signals.append(sensor(machine))
        except Exception as failure:  # noqa: BLE001 - whatever breaks, the machine is not to be lost by it
            signals.append(Signal(sensor.__name__, None, repr(failure), True))
    return signals
