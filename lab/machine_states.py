"""The states of machines that are left over, as the API has them and as people read them."""

from __future__ import annotations

from collections.abc import Collection

from lab import account
from lab.account import BILLED_STATES
from provider import credentials
from provider.errors import PaperspaceError
from provider.states import OFF, READY

GONE = "gone"
UNKNOWN = "unknown"


def states_of(machine_ids: Collection[str]) -> dict[str, str]:
    """The API's word, or GONE; UNKNOWN where it cannot be asked. No ids need no API."""
    if not machine_ids:
        return {}
    try:
        with credentials.client_from_environment() as client:
            machines = account.read(client).machines
    except PaperspaceError:
        return dict.fromkeys(machine_ids, UNKNOWN)
    return {each: machines[each].state if each in machines else GONE for each in machine_ids}


def in_words(state: str) -> str:
    """What the state means for the bill."""
    if state == OFF:
        return "off: only the disk and the address are billed"
    if state in BILLED_STATES:
        return f"{'running' if state == READY else state}: billed by the hour"
    return "and may run, billed by the hour (its state could not be read)"
