"""List prices in USD: docs.digitalocean.com/products/paperspace/pricing/ (paperspace-api.md 2.1).

The monthly prices are caps of an hourly rate (cap / 672). While a machine is off, disk, static IP and
snapshots are billed in every source; whether compute is free then is disputed (paperspace-api.md 2.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from provider.errors import InvalidInput
from provider.machine_types import machine_type

PRICE_DATE = "2025-11-14"
PRICE_SOURCE = "https://docs.digitalocean.com/products/paperspace/pricing/"

DISK_MONTHLY = {50: 5.0, 100: 7.0, 250: 10.0, 500: 25.0, 1000: 55.0, 2000: 120.0}
SNAPSHOT_MONTHLY = {50: 1.0, 100: 1.2, 250: 1.4, 500: 2.0, 1000: 4.0, 2000: 8.0}
DISK_SIZES = tuple(DISK_MONTHLY)
"""In GB: what machines are sold with (paperspace-api.md 1.2)."""

STATIC_IP_MONTHLY = 3.0
STATIC_IP_HOURLY = 0.0045
BILLED_HOURS_A_MONTH = 672
WEEKS_A_MONTH = 52 / 12


@dataclass(frozen=True)
class Estimate:
    """USD. `hourly` while running; `off` a month without running; `running` a month at the given hours."""

    running: float
    off: float
    hourly: float
    date: str = PRICE_DATE
    source: str = PRICE_SOURCE


def hourly_price(name: str) -> float:
    """USD an hour while running, without the address. Raises InvalidInput."""
    return machine_type(name).hourly


def monthly_disk(size: int) -> float:
    """USD a month for a disk of `size` GB, running or off. Raises InvalidInput."""
    return _priced(DISK_MONTHLY, size)


def monthly_snapshots(size: int, count: int) -> float:
    """USD a month for `count` snapshots of a disk of `size` GB (per snapshot [INFER])."""
    return _priced(SNAPSHOT_MONTHLY, size) * count


def monthly_fixed(disk_size: int, public_ip_type: str, snapshots: int = 0) -> float:
    """USD a month that are billed whether the machine runs or not."""
    address = STATIC_IP_MONTHLY if public_ip_type == "static" else 0.0
    return round(monthly_disk(disk_size) + address + monthly_snapshots(disk_size, snapshots), 2)


def monthly_estimate(
    machine_type: str, disk_size: int, public_ip_type: str, hours_per_week: float, snapshots: int = 0
) -> Estimate:
    """What a month costs at `hours_per_week` of running. Raises InvalidInput."""
    hourly, off = hourly_price(machine_type), monthly_fixed(disk_size, public_ip_type, snapshots)
    return Estimate(monthly_total(off, hourly, public_ip_type, hours_per_week), off, hourly)


def monthly_total(fixed: float, hourly: float, public_ip_type: str, hours_per_week: float) -> float:
    """USD a month: `fixed`, and at `hours_per_week` of running `hourly` and a dynamic address."""
    hours = hours_per_week * WEEKS_A_MONTH
    dynamic = min(STATIC_IP_MONTHLY, STATIC_IP_HOURLY * hours) if public_ip_type == "dynamic" else 0.0
    return round(fixed + dynamic + hours * hourly, 2)


def _priced(table: dict[int, float], size: int) -> float:
    if size not in table:
        problem = f"no disk of {size} GB; choose one of: {', '.join(map(str, table))}"
        raise InvalidInput(problem)
    return table[size]
