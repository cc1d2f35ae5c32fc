"""One sandbox's whole state, as every noun's functions take it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sandbox.paperspace.state.clock import Clock
from sandbox.paperspace.state.database import Database, Record, Table
from sandbox.settings import SandboxSettings

R = TypeVar("R", bound=Record)
P = ParamSpec("P")
T = TypeVar("T")


class World:
    """Storage, settings and time. `address_block` is the X of 127.X.0.0/16, the public addresses."""

    def __init__(
        self, database: Database, settings: SandboxSettings, clock: Clock, address_block: int
    ) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock
        self.address_block = address_block

    def transaction(self) -> AbstractContextManager[None]:
        return self.database.transaction()

    def table(self, name: str, model: type[R], noun: str) -> Table[R]:
        """One of database.TABLES as objects of the model; `noun` is how an error names a missing one."""
        return Table(self.database, name, model, noun)


def atomic(function: Callable[Concatenate[World, P], T]) -> Callable[Concatenate[World, P], T]:
    """Runs the function in one transaction: it happens wholly, or it raises and nothing happened."""

    @wraps(function)
    def in_transaction(world: World, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with world.transaction():
            return function(world, *args, **kwargs)

    return in_transaction
