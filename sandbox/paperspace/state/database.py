"""The state's storage: one SQLite file, a table a noun, a row an object as JSON."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from sandbox.paperspace.state.errors import NotFound


class Record(BaseModel):
    """An object of the API: snake_case here, camelCase in the row and on the wire."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


R = TypeVar("R", bound=Record)
TABLES = (
    "machines",
    "machine_events",
    "transitions",
    "public_ips",
    "startup_scripts",
    "snapshots",
    "custom_templates",
    "private_networks",
    "shared_drives",
    "capacities",
)


class Row(NamedTuple, Generic[R]):
    """An object with its place in the order of creation."""

    position: int
    record: R


class Database:
    """One connection for all threads; `transaction` is re-entrant and excludes every other thread.

    `after_commit` is called after each transaction that changed something.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = self._changes = 0
        self.after_commit: Callable[[], None] = lambda: None
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.execute("PRAGMA journal_mode=WAL")
        self.execute("PRAGMA synchronous=NORMAL")
        self.execute("CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        for name in TABLES:
            self.execute(
                f"CREATE TABLE IF NOT EXISTS {name}"
                " (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, document TEXT)"
            )

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[str | int, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or, on an exception, none of it."""
        with self._lock:
            if not self._depth:
                self._connection.execute("BEGIN IMMEDIATE")
                self._changes = self._connection.total_changes
            self._depth += 1
            try:
                yield
            except BaseException:
                self._end("ROLLBACK")
                raise
            self._end("COMMIT")

    def _end(self, statement: str) -> None:
        self._depth -= 1
        if self._depth:
            return
        changed = self._connection.total_changes != self._changes
        self._connection.execute(statement)
        if changed and statement == "COMMIT":
            self.after_commit()

    def fact(self, name: str) -> str | None:
        """A single value of the whole sandbox, as its key or its port."""
        rows = self.execute("SELECT value FROM facts WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def set_fact(self, name: str, value: str) -> None:
        self.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def close(self) -> None:
        with self._lock:
            self._connection.close()


class Table(Generic[R]):
    """The objects of one kind, by id. `noun` is how an error names a missing one."""

    def __init__(self, database: Database, name: str, model: type[R], noun: str) -> None:
        self._database, self._name, self._model, self._noun = database, name, model, noun

    def find(self, id: str) -> R | None:
        rows = self._database.execute(f"SELECT document FROM {self._name} WHERE id = ?", (id,))
        return self._model.model_validate_json(str(rows[0][0])) if rows else None

    def get(self, id: str) -> R:
        """Raises NotFound."""
        if (record := self.find(id)) is None:
            message = f"{self._noun} not found: {id}"
            raise NotFound(message)
        return record

    def put(self, id: str, record: R) -> None:
        document = record.model_dump_json(by_alias=True)
        self._database.execute(
            f"INSERT INTO {self._name} (id, document) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET document = excluded.document",
            (id, document),
        )

    def remove(self, id: str) -> None:
        self._database.execute(f"DELETE FROM {self._name} WHERE id = ?", (id,))

    def rows(self) -> list[Row[R]]:
        """In the order of creation."""
        rows = self._database.execute(f"SELECT position, document FROM {self._name} ORDER BY position")
        return [Row(int(position), self._model.model_validate_json(str(text))) for position, text in rows]

    def count(self) -> int:
        return int(self._database.execute(f"SELECT count(*) FROM {self._name}")[0][0])

    def all(self) -> list[R]:
        return [row.record for row in self.rows()]
