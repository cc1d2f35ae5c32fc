"""What the machine of a configuration costs, in words, before there is one."""

from __future__ import annotations

import pulumi

from components.settings import Settings
from provider.machine import Machine
from provider.prices import PRICE_DATE


def words(settings: Settings) -> str:
    """A line for each machine type that may be had, the preferred one first. List prices in USD."""
    lines = [
        f"  {name}: ${each.hourly:.2f} an hour while it runs; ${each.off:.2f} a month for disk and address, "
        f"also while it is off; ${each.running:.2f} a month at {settings.hours_per_week} hours a week"
        for name, each in settings.estimates().items()
    ]
    return "\n".join([f"cost by the list prices of {PRICE_DATE}:", *lines])


def endless(settings: Settings) -> str:
    """That nothing would ever stop the bill, where it is so, or "".

    `never_connected_minutes` is a part of the idle stop, and no limit without it.
    """
    limits = (settings.idle_stop_minutes, settings.max_uptime_hours, settings.auto_shutdown_hours)
    if any(limits) or settings.power == "stopped":
        return ""
    hourly = max(each.hourly for each in settings.estimates().values())
    return (
        "nothing stops this machine: idle_stop_minutes, max_uptime_hours and auto_shutdown_hours are all 0, "
        f"and it costs up to ${hourly:.2f} an hour until somebody stops it; for an outer limit: "
        "pulumi config set auto_shutdown_hours 8"
    )


async def tell_in_preview(machine: Machine, settings: Settings) -> bool:
    """Where the machine is to be made, replaced or changed: only then its rate is not known. Whether told."""
    if not pulumi.runtime.is_dry_run() or await machine.hourly_rate.is_known():
        return False
    pulumi.log.info(words(settings))
    return True
