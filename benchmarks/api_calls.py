"""API calls of one machine's life at the real service's pace.

The clock is the sandbox's own and moves only when the provider sleeps, so minutes pass in milliseconds and
the counts are the same on every computer. Paperspace publishes no rate limit (paperspace-api.md 1.1).
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provider import lifecycle
from provider.checks import canonical
from provider.client import PaperspaceClient
from provider.outputs import Properties
from provider.waiting import Waiter
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings

REAL_PACE = SandboxSettings(clock="manual", provision=300, start=90, stop=60, upgrade=60, delete=30)
"""Seconds as reported of the real service (paperspace-api.md 2.7)."""

INPUTS, _ = canonical(
    {
        "name": "fastai-ada",
        "identity": "SHA256:ada",
        "machine_types": ["M4000"],
        "regions": ["ny2"],
        "template": "fast.ai",
        "disk_size": 50,
        "public_ip_type": "static",
        "auto_snapshot": {"enabled": False},
        "auto_shutdown": {"hours": 8},
        "startup_script": "#!/bin/sh\n",
        "power": "running",
    }
)


@dataclass
class Meter:
    """Counts what one step asks of the API, and the seconds that it takes there."""

    sandbox: Sandbox
    client: PaperspaceClient
    seconds: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.sandbox.advance(seconds)

    def waiter(self) -> Waiter:
        return Waiter(self.sleep, lambda: self.seconds)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        before, started = Counter(self.sandbox.state()["requests"]), self.seconds
        yield
        calls = Counter(self.sandbox.state()["requests"]) - before
        writes = sum(count for name, count in calls.items() if not name.startswith("GET"))
        took = self.seconds - started
        print(f"{what:<28}{calls.total():>4} calls, {writes} of them writes, in {took:.0f} s", flush=True)


def life_of_a_machine(meter: Meter) -> None:
    client, waiter = meter.client, meter.waiter()
    with meter.step("preview of a new machine"):
        lifecycle.check(lambda: client, {}, INPUTS, waiter)
    with meter.step("create"):
        machine_id, outputs = lifecycle.make(client, INPUTS, waiter)
    with meter.step("no-op preview or up"):
        outputs = no_op(client, machine_id, outputs, waiter)
    with meter.step("update, snapshots on"):
        news = INPUTS | {"auto_snapshot": {"enabled": True, "frequency": "daily", "keep": 1}}
        outputs = lifecycle.update(client, machine_id, outputs, news, waiter)
    with meter.step("update, a larger disk"):
        outputs = lifecycle.update(client, machine_id, outputs, news | {"disk_size": 100}, waiter)
    with meter.step("destroy"):
        lifecycle.delete(client, machine_id, outputs, waiter)


def no_op(client: PaperspaceClient, machine_id: str, outputs: Properties, waiter: Waiter) -> Properties:
    """What a run asks while nothing changed: a refresh, a check and a diff."""
    found = lifecycle.read(client, machine_id, outputs, waiter)
    assert found is not None
    lifecycle.check(lambda: client, found[1], INPUTS, waiter)
    assert lifecycle.diff(lambda: client, found[0], INPUTS).is_empty
    return found[0]


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(Path(folder), REAL_PACE) as sandbox,
        PaperspaceClient(sandbox.api_key, sandbox.url) as client,
    ):
        life_of_a_machine(Meter(sandbox, client))


if __name__ == "__main__":
    main()
