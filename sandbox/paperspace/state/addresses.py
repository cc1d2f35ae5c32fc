"""The block of loopback addresses that stand for public ones."""

from __future__ import annotations

from sandbox.paperspace.state.errors import PreconditionFailed
from sandbox.paperspace.state.world import World

_USABLE = 0xFF00  # 127.X.0.1 to 127.X.254.255; 127.X.255.* is the sandbox's own
_USE = """
SELECT 1 FROM public_ips WHERE id = ?
UNION ALL SELECT 1 FROM machines WHERE json_extract(document, '$.guestAddress') = ?
"""


def next_address(world: World) -> str:
    """An address that nobody uses or used lately. Raises PreconditionFailed when none is left."""
    last = int(world.database.fact("last_address") or 0)
    for step in range(1, _USABLE):
        host = (last + step) % _USABLE or 1
        address = f"127.{world.address_block}.{host >> 8}.{host & 0xFF}"
        if not world.database.execute(_USE, (address, address)):
            world.database.set_fact("last_address", str(host))
            return address
    message = "No public address is free"
    raise PreconditionFailed(message)
