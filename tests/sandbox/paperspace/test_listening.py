"""A sandbox has its port and its block of addresses for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import listening
from sandbox.server import Sandbox
from sandbox.settings import SandboxSettings
from tests.ports import free_port


def test_a_free_port_is_none_that_outgoing_connections_get(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        port = int(sandbox.url.rpartition(":")[2].removesuffix("/v1"))
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert port < low


def test_two_sandboxes_never_share_a_block_of_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "_GUARD_PATIENCE", 0)
    with Sandbox(tmp_path / "one") as one:
        port = int(one.url.rpartition(":")[2].removesuffix("/v1"))
        other_port = free_port(range(port % 250 + 10_000, 20_000, 250))
        same_block = SandboxSettings(port=other_port)
        with pytest.raises(listening.PortTaken, match=f"127.{1 + port % 250}.0.0/16"):
            Sandbox(tmp_path / "other", same_block).start()
    monkeypatch.undo()
    with Sandbox(tmp_path / "other", same_block) as other:
        assert other.url == f"http://127.0.0.1:{other_port}/v1"
