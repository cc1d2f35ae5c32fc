"""The states of a machine at rest; all others are on the way to one of them (paperspace-api.md 1.3)."""

from __future__ import annotations

READY = "ready"
OFF = "off"
STABLE = frozenset({READY, OFF})
