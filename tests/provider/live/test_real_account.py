"""One machine's life in a real account: what paperspace-api.md only infers is found out here."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from provider import adoption, lifecycle
from provider.checks import canonical
from provider.client import PaperspaceClient
from provider.waiting import Waiter
from tests.provider.live.guard import DISK_SIZE, MACHINE_TYPE, PUBLIC_IP_TYPE
from tests.provider.live.sweep import PREFIX

pytestmark = pytest.mark.live

WAITER = Waiter(report=print, progress=print, warn=print)


def inputs(**changes: Any) -> dict[str, Any]:
    checked, problems = canonical(
        {
            "name": f"{PREFIX}machine",
            "identity": str(uuid.uuid4()),
            "machine_types": [MACHINE_TYPE],
            "regions": ["ny2", "ams1", "ca1"],
            "template": "t0nspur5",
            "disk_size": DISK_SIZE,
            "public_ip_type": PUBLIC_IP_TYPE,
            "auto_snapshot": {"enabled": False},
            "auto_shutdown": {"hours": 1},
            "startup_script": "#!/bin/sh\ntrue\n",
            "power": "running",
            **changes,
        }
    )
    assert problems == []
    return checked


def test_a_machine_is_made_changed_stopped_started_and_deleted(real_account: PaperspaceClient) -> None:
    wanted = inputs()
    machine_id, outputs = lifecycle.make(real_account, wanted, WAITER)
    try:
        assert lifecycle.make(real_account, wanted, WAITER)[0] == machine_id
        for change in (
            {"auto_snapshot": {"enabled": True, "frequency": "daily", "keep": 1}},
            {"auto_snapshot": {"enabled": False}, "auto_shutdown": {"hours": 8, "force": True}},
            {"power": "stopped"},
            {"power": "running"},
        ):
            wanted = canonical(wanted | change)[0]
            outputs = lifecycle.update(real_account, machine_id, outputs, wanted, WAITER)
            found = lifecycle.read(real_account, machine_id, outputs, WAITER)
            assert found is not None
            assert found[1] == wanted
    finally:
        adoption.forget_all()
        lifecycle.delete(real_account, machine_id, outputs, WAITER)
    assert lifecycle.read(real_account, machine_id, outputs, WAITER) is None
