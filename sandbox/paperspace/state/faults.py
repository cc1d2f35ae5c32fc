"""Planned failures of operations, with an account of which happened (models.md 3: storage-testbench)."""

from __future__ import annotations

import threading
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FaultKind = Literal[
    "status",
    "html",
    "error-200",
    "drop-before",
    "drop-after",
    "slow",
    "truncate",
    "unknown-field",
    "unknown-state",
    "string-for-integer",
]
ANY = "*"


class Fault(BaseModel):
    """What goes wrong, where, and how often.

    operation: as in the OpenAPI document, "GET /machines/{id}"; a concrete path; or "*" for all.
    after: how many requests pass before the first failure. seconds: of the kind `slow`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: str
    kind: FaultKind
    status: int = Field(503, ge=400, le=599)
    message: str = "A fault was injected"
    retry_after: int | None = Field(None, ge=0)
    seconds: float = Field(1.0, ge=0)
    times: int = Field(1, ge=1)
    after: int = Field(0, ge=0)


class FaultAccount(BaseModel):
    """A fault with what is left of it."""

    id: int
    fault: Fault
    passed: int = 0
    used: int = 0

    @property
    def left(self) -> int:
        return self.fault.times - self.used


class Faults:
    """The planned faults, in the order in which they were planned; for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accounts: list[FaultAccount] = []

    def add(self, fault: Fault) -> FaultAccount:
        with self._lock:
            account = FaultAccount(id=len(self._accounts) + 1, fault=fault)
            self._accounts.append(account)
        return account

    def take(self, operation: str, concrete: str) -> Fault | None:
        """The fault that this request meets, used up by one; None when it passes."""
        with self._lock:
            for account in self._accounts:
                if account.left and account.fault.operation in (operation, concrete, ANY):
                    if account.passed < account.fault.after:
                        account.passed += 1
                        continue
                    account.used += 1
                    return account.fault
        return None

    def accounts(self) -> list[FaultAccount]:
        with self._lock:
            return [account.model_copy() for account in self._accounts]

    def clear(self) -> None:
        with self._lock:
            self._accounts.clear()
