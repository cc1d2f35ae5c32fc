"""What keeps a live test from spending more than it may, or in the wrong account."""

from __future__ import annotations

from provider.catalog import hourly_price, monthly_fixed

MACHINE_TYPE, DISK_SIZE, PUBLIC_IP_TYPE = "C5", 50, "static"
"""A cheap type of the price list; the cheapest, C1, was seen to fail (paperspace-api.md 2.1)."""

HOURS_AT_MOST = 2.0
HOURS_A_MONTH = 672
DEFAULT_CAP = "1.00"


class Refused(Exception):
    """The live tests do not start."""


def cost_at_most() -> float:
    """USD for one machine over the longest run: compute, disk and address."""
    fixed = monthly_fixed(DISK_SIZE, PUBLIC_IP_TYPE) / HOURS_A_MONTH
    return round(HOURS_AT_MOST * (hourly_price(MACHINE_TYPE) + fixed), 2)


def refuse_over_cap(cap: str) -> None:
    """Raises Refused where the run may cost more than `cap` USD, or `cap` is no amount."""
    try:
        allowed = float(cap)
    except ValueError:
        allowed = -1.0
    if not cost_at_most() <= allowed < float("inf"):
        text = f"PAPERSPACE_LIVE_CAP is {cap!r} USD; a run may cost up to {cost_at_most():.2f} USD"
        raise Refused(text)


def refuse_other_team(found: str, named: str) -> None:
    """Raises Refused where the key is not of the team that was named."""
    if found != named:
        text = f"the API key belongs to team {found}, PAPERSPACE_LIVE_TEAM names {named}"
        raise Refused(text)
