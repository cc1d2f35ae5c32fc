"""The machine of the course, as every test declares it."""

from __future__ import annotations

from typing import Any

MACHINE: dict[str, Any] = {
    "name": "fastai-ada",
    "identity": "SHA256:ada",
    "machine_types": ["M4000"],
    "regions": ["East Coast (NY2)"],
    "template": "fast.ai",
    "disk_size": 50,
    "public_ip_type": "static",
    "auto_snapshot": {"enabled": False},
    "auto_shutdown": {"hours": 8, "force": False},
    "startup_script": "#!/bin/sh\ntrue\n",
    "power": "running",
    "accessors": [],
}
