"""How a list's `name` filter matches; that it may be partial is a guess (paperspace-api.md 1.5)."""

from __future__ import annotations

from sandbox.paperspace.state.world import World


def name_matches(world: World, wanted: str | None, name: str) -> bool:
    if wanted is None:
        return True
    return wanted == name if world.settings.name_filter == "exact" else wanted.lower() in name.lower()
