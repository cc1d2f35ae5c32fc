"""What can be ordered and at what price; the API has no endpoint for either (paperspace-api.md 1.4)."""

from __future__ import annotations

from provider.machine_types import (
    MACHINE_TYPES,
    NEEDS_APPROVAL,
    MachineType,
    canonical_machine_type,
    known_machine_type,
    machine_type,
    machine_type_label,
    same_family,
)
from provider.prices import (
    DISK_SIZES,
    PRICE_DATE,
    PRICE_SOURCE,
    STATIC_IP_HOURLY,
    STATIC_IP_MONTHLY,
    Estimate,
    hourly_price,
    monthly_disk,
    monthly_estimate,
    monthly_fixed,
    monthly_snapshots,
)
from provider.regions import REGIONS, Region, canonical_region, region_code, same_region

__all__ = [
    "AUTO_SHUTDOWN_HOURS",
    "DISK_SIZES",
    "MACHINE_TYPES",
    "NEEDS_APPROVAL",
    "PRICE_DATE",
    "PRICE_SOURCE",
    "PUBLIC_IP_TYPES",
    "REGIONS",
    "SNAPSHOT_FREQUENCIES",
    "STATIC_IP_HOURLY",
    "STATIC_IP_MONTHLY",
    "Estimate",
    "MachineType",
    "Region",
    "canonical_machine_type",
    "canonical_region",
    "hourly_price",
    "is_offered",
    "known_machine_type",
    "machine_type",
    "machine_type_label",
    "monthly_disk",
    "monthly_estimate",
    "monthly_fixed",
    "monthly_snapshots",
    "region_code",
    "same_family",
    "same_region",
]

PUBLIC_IP_TYPES = ("static", "dynamic", "none")
SNAPSHOT_FREQUENCIES = ("hourly", "daily", "weekly", "monthly")
AUTO_SHUTDOWN_HOURS = (0, 1, 8, 24, 168)
"""0 is off; the others as accepted by clients that ran against the API (paperspace-api.md 1.2)."""


def is_offered(type_name: str, region: str) -> bool:
    """Whether the vendor's table lists the type in the region (2.2). The API's own answer counts more."""
    return canonical_region(region) in machine_type(type_name).regions
