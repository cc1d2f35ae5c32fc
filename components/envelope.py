"""Pulumi's envelope around a value that is more than JSON, as states and event logs hold it.

Without importing Pulumi, for `lab`, which reads event logs (sdk/go/common/resource/properties.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that makes a mapping an envelope; its value says of what: a secret, an asset, an archive, …"""

SECRET = "1b47061264138c4ac30d75fd1eb44270"


def is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get(SIGNATURE) == SECRET
