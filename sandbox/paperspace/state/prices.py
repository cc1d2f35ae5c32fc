"""What is billed, in USD (paperspace-api.md 2.1): monthly caps of an hourly rate, cap / 672."""

from __future__ import annotations

MONTHLY_DISK = {50: 5.0, 100: 7.0, 250: 10.0, 500: 25.0, 1000: 55.0, 2000: 120.0}
MONTHLY_SNAPSHOT = {50: 1.0, 100: 1.2, 250: 1.4, 500: 2.0, 1000: 4.0, 2000: 8.0}
MONTHLY_CUSTOM_TEMPLATE = {50: 3.5, 100: 6.0, 250: 11.0, 500: 17.0, 1000: 24.0, 2000: 42.0}
HOURLY_PUBLIC_IP = 0.0045
CAPPED_HOURS = 672
DISK_SIZES = tuple(MONTHLY_DISK)
