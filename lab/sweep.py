"""What is billed for nothing: machines that switched themselves off, and what no stack knows of.

A machine on which `poweroff` ran stays `ready` for the API and goes on being billed (paperspace-api.md 2.4);
from outside it is one that is `ready` and does not answer on its SSH port.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from lab.account import BILLED_STATES, Account, student_in
from lab.pulumi_command import Recorded
from lab.student_machines import StudentMachine
from provider import prices
from provider.models import Machine
from provider.outputs import hourly_rate
from provider.states import READY

CONNECT_SECONDS = 5.0
PROBES = 32
PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 10.0

Kind = Literal[
    "silent",
    "never stops",
    "interrupted create",
    "orphan",
    "unused address",
    "unused script",
    "no file",
]


@dataclass(frozen=True)
class Finding:
    """`hourly` and `monthly` in USD; `subject` is an id or a name; `advice` a command or a sentence."""

    kind: Kind
    subject: str
    what: str
    advice: str
    hourly: float = 0.0
    monthly: float = 0.0


def answers(address: str, port: int) -> bool:
    """Whether anything accepts a connection there."""
    try:
        with socket.create_connection((address, port), timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False


def asked(machines: Sequence[StudentMachine]) -> list[StudentMachine]:
    """Those that are on and have an address."""
    return [each for each in machines if each.machine and each.state == READY and each.machine.public_ip]


def silent(
    machines: Sequence[StudentMachine], reachable: Callable[[str, int], bool] = answers
) -> list[StudentMachine]:
    """Those that are ready and do not answer."""
    ready = asked(machines)

    def is_silent(each: StudentMachine) -> bool:
        address = str(each.machine.public_ip) if each.machine else ""
        return not (reachable(address, each.ssh_port) or reachable(address, each.ssh_port))

    with ThreadPoolExecutor(max_workers=PROBES) as pool:
        told = list(pool.map(is_silent, ready))
    return [each for each, is_so in zip(ready, told, strict=True) if is_so]


def still_silent(
    quiet: Sequence[StudentMachine],
    patience: float,
    reachable: Callable[[str, int], bool] = answers,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[StudentMachine]:
    """Who does not answer for `patience` seconds more: a machine that boots is ready before its SSH server is
    (guest-facts.md 3d), and must not be stopped."""
    end = clock() + patience
    while quiet and clock() < end:
        sleep(min(PAUSE_SECONDS, max(end - clock(), 0)))
        quiet = silent(quiet, reachable)
    return list(quiet)


def silence_is_ours(machines: Sequence[StudentMachine], quiet: Sequence[StudentMachine]) -> bool:
    """Not one answers, be it the only one: it may be this computer's network, and a machine at work stops."""
    return bool(quiet) and len(quiet) == len(asked(machines))


def findings(
    machines: Sequence[StudentMachine],
    quiet: Sequence[StudentMachine],
    recorded: Mapping[str, Recorded],
    account: Account,
) -> list[Finding]:
    """Everything, the dearest first."""
    is_ours = silence_is_ours(machines, quiet)
    found = [
        *(silent_finding(each, is_ours) for each in quiet),
        *unknown_machines(recorded, account),
        *unused_addresses(account),
        *unused_scripts(recorded, account),
        *stacks_without_file(machines),
    ]
    return sorted(found, key=lambda each: -(each.monthly + each.hourly * prices.BILLED_HOURS_A_MONTH))


def silent_finding(each: StudentMachine, is_ours: bool) -> Finding:
    if is_ours:
        what = f"{each.student.name}: ready, but no machine answers; this computer's network?"
        advice = f"lab stop {each.student.name}, if it is off inside"
    else:
        what = f"{each.student.name}: ready, but it does not answer; switched off from inside?"
        advice = f"lab stop {each.student.name} (lab sweep --yes does it)"
    return Finding("silent", each.machine_id, what, advice, each.hourly_now, each.monthly_fixed)


def unknown_machines(recorded: Mapping[str, Recorded], account: Account) -> Iterator[Finding]:
    """Machines with one of our names that no stack's state holds."""
    known = {machine_id for each in recorded.values() for machine_id in each.machine_ids}
    for machine in account.machines.values():
        student = student_in(machine.name)
        if student is None or machine.id in known:
            continue
        if student in recorded and recorded[student].pending:
            what, advice = f"{machine.name}: its create was cut off", f"lab up {student} takes it over"
            yield Finding("interrupted create", machine.id, what, advice, *rates(machine))
        else:
            what = f"{machine.name} ({machine.state}): no stack of this backend knows it"
            yield Finding(
                "orphan", machine.id, what, f"lab sweep --delete {machine.id} --yes", *rates(machine)
            )


def rates(machine: Machine) -> tuple[float, float]:
    """(USD an hour now, USD a month); the disk's price where the API tells it."""
    hourly = float(hourly_rate(machine) or 0.0) if machine.state in BILLED_STATES else 0.0
    return hourly, float(machine.storage_rate or 0.0)


def unused_addresses(account: Account) -> Iterator[Finding]:
    for address in account.public_ips:
        if not address.assigned_machine_id:
            advice = "release it in the console, if it is nobody's"
            yield Finding(
                "unused address", address.ip, "no machine has it", advice, 0.0, prices.STATIC_IP_MONTHLY
            )


def unused_scripts(recorded: Mapping[str, Recorded], account: Account) -> Iterator[Finding]:
    for script in account.startup_scripts:
        student = student_in(script.name)
        if student and not script.assigned_machine_ids and not recorded.get(student, Recorded()).machine_ids:
            yield Finding("unused script", script.id, f"{script.name}: no machine uses it", "costs nothing")


def stacks_without_file(machines: Sequence[StudentMachine]) -> Iterator[Finding]:
    for each in machines:
        if (each.outputs or each.machine) and not each.student.file.exists():
            advice = f"lab destroy {each.student.name} --yes"
            what = f"{each.student.name}: the file is gone, the stack is not"
            yield Finding("no file", each.machine_id, what, advice, each.hourly_now, each.monthly_fixed)
