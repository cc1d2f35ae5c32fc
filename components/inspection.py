"""Looks at the machine while the program runs, and says what each step's command is to be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components import previous, step
from components.findings import Finding
from components.probe import probe
from components.ssh import BOOT_SECONDS, Interrupted, Login, Unreachable, connect, connect_when_ready
from components.step import Run, Step
from provider import address
from provider.address import Address
from provider.credentials import client_from_environment
from provider.errors import PaperspaceError

NOWHERE = "stopped.invalid"
"""The host of a machine without an address (RFC 6761: never resolves)."""


@dataclass(frozen=True)
class Target:
    """The machine to look at. `wanted_on`: whether the configuration says that it runs. `known_at`: where a
    preview's refresh has just found it."""

    machine_id: str
    port: int
    private_key: str = field(repr=False)
    host_key: str
    wanted_on: bool = True
    known_at: Address | None = None

    def login(self, host: str) -> Login:
        return Login(host, self.port, self.private_key, self.host_key)


@dataclass(frozen=True)
class Inspection:
    """`login` is None where the machine could not be asked."""

    host: str
    login: Login | None
    runs: Mapping[str, Run]


async def inspect(target: Target, steps: Sequence[Step]) -> Inspection:
    """One look. A machine that is off or does not answer gives a warning and no difference.

    Raises pulumi.RunError in a real `up` where a step has never run and cannot run now.
    """
    login = target.login(NOWHERE)
    try:
        found_at = target.known_at or await address_of(target.machine_id)
        login = target.login(found_at.ip or NOWHERE)
        found = await ask(found_at, login, steps)
    except Unreachable as failure:
        return Inspection(login.host, None, await as_before(target, login, steps, failure))
    runs = {each.name: step.run_of(each, found[each.name], login) for each in steps}
    for text in (text for run in runs.values() for text in run.warnings):
        pulumi.log.warn(text)
    return Inspection(login.host, login, runs)


async def address_of(machine_id: str) -> Address:
    """The machine's address and state, by one request. Raises Unreachable where the API does not tell."""

    def read() -> Address:
        with client_from_environment() as client:
            return address.of_machine(client, machine_id)

    try:
        return await asyncio.to_thread(read)
    except PaperspaceError as failure:
        text = f"its address is not to be had ({failure})"
        raise Unreachable(text) from failure


async def ask(found_at: Address, login: Login, steps: Sequence[Step]) -> dict[str, Finding]:
    """The findings of one login; a real `up` waits until a machine that boots lets the stack in.

    Raises Unreachable, at once where the machine is not on.
    """
    if not found_at.is_reachable:
        text = f"its state is {found_at.state}"
        raise Unreachable(text)
    try:
        return await look(login, steps)
    except Interrupted:
        if pulumi.runtime.is_dry_run():
            raise
    return await look(login, steps)  # at the end of a boot sshd restarts and cuts who is in


async def look(login: Login, steps: Sequence[Step]) -> dict[str, Finding]:
    """Logs in and asks all steps. Raises Unreachable; Interrupted where the login itself worked."""
    if pulumi.runtime.is_dry_run():
        connection = await connect(login)
    else:
        connection = await connect_when_ready(login, BOOT_SECONDS, tell_progress)
    try:
        return await probe(connection, {each.name: each.check for each in steps})
    finally:
        connection.close()


async def as_before(
    target: Target, login: Login, steps: Sequence[Step], failure: Unreachable
) -> dict[str, Run]:
    """The steps as the state has them, so that what cannot be asked shows no difference."""
    warn(target, failure)
    stored = await previous.outputs()
    runs = {each.name: previous.run_of(stored, each.name, target.machine_id) for each in steps}
    return {each.name: runs[each.name] or never_run(target, login, each, failure) for each in steps}


def never_run(target: Target, login: Login, each: Step, failure: Unreachable) -> Run:
    """A step without a past: nothing on a machine that is to be off, else what a first run would be."""
    if not target.wanted_on:
        return Run(step.connection_args(login))
    if pulumi.runtime.is_dry_run():
        return step.run_of(each, Finding(), login)
    text = f"{each.name} cannot be set up on machine {target.machine_id}: {failure}; run `pulumi up` again"
    raise pulumi.RunError(text)


def tell_progress(text: str) -> None:
    pulumi.log.info(text, ephemeral=True)


def warn(target: Target, failure: Unreachable) -> None:
    asleep = f"machine {target.machine_id} is to be off"
    silent = f"machine {target.machine_id} was not asked: {failure}"
    tell = pulumi.log.warn if target.wanted_on else pulumi.log.info
    tell(f"{silent if target.wanted_on else asleep}; its steps are shown as they last were")
