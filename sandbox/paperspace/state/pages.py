"""Pages of a list (paperspace-api.md 1.1): an opaque cursor, a limit, an order."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from sandbox.paperspace.state.database import Record, Row
from sandbox.paperspace.state.errors import INVALID_INPUT, BadRequest

R = TypeVar("R", bound=Record)
Key = tuple[Any, int]


@dataclass(frozen=True)
class PageQuery:
    """What a list operation takes; `limit` None is the sandbox's own size."""

    after: str | None = None
    limit: int | None = None
    order_by: str = "dtCreated"
    order: Literal["asc", "desc"] = "desc"


@dataclass(frozen=True)
class Page(Generic[R]):
    items: list[R]
    next_page: str | None


def page_of(rows: Iterable[Row[R]], query: PageQuery, sort_value: Callable[[R], Any], size: int) -> Page[R]:
    """The page after the query's cursor. Raises BadRequest for a cursor that this list did not give out."""
    keyed: list[tuple[Key, R]] = [((sort_value(row.record), row.position), row.record) for row in rows]
    keyed.sort(key=lambda pair: pair[0], reverse=query.order == "desc")
    if query.after is not None:
        cursor = _decode(query.after)
        keyed = [pair for pair in keyed if _is_after(pair[0], cursor, query.order)]
    shown = keyed[: query.limit or size]
    last = _encode(shown[-1][0]) if len(keyed) > len(shown) else None
    return Page([record for _, record in shown], last)


def _is_after(key: Key, cursor: Key, order: str) -> bool:
    try:
        return key > cursor if order == "asc" else key < cursor
    except TypeError as error:
        raise _bad_cursor() from error


def _encode(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _decode(cursor: str) -> Key:
    try:
        value, position = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"==="))
        return value, int(position)
    except (ValueError, TypeError) as error:
        raise _bad_cursor() from error


def _bad_cursor() -> BadRequest:
    message = "after: not a cursor of this list; send the nextPage of the page before"
    return BadRequest(INVALID_INPUT, problems=(message,))
