"""What the host tells a machine's process number one, as JSON on its command line. No secrets."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

USER = "paperspace"
USER_ID = 1000
LIBRARY = "/usr/local/lib/guest"
UPSTREAM = "/srv/upstream"
PACKAGES = "/run/guest/packages"


@dataclass(frozen=True)
class Specification:
    """One boot of one machine; every path is the host's.

    level: "L1" in namespaces of its own, or "L0" as plain processes of the host.
    libraries: name -> folder, each importable by the machine's stand-ins.
    package_environment: variables of the one process that may fetch packages (index, certificates, proxies).
    """

    level: str
    hostname: str
    disk: str
    upstream: str
    cache: str
    uv: str
    python: str
    python_prefixes: list[str]
    libraries: dict[str, str]
    package_environment: dict[str, str] = field(default_factory=dict)

    @property
    def confined(self) -> bool:
        """Whether the machine has namespaces of its own."""
        return self.level == "L1"

    @property
    def root(self) -> str:
        """What stands before an absolute path inside the machine: empty at L1."""
        return "" if self.confined else self.disk

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Specification:
        return cls(**json.loads(text))
