"""Pages of filtered rows: a stable order, and a cursor that says where the next page begins.

The order is that of a key which a row never changes, so a walk from page to page meets every row
that was there when it began, and stays there, exactly once, however many facts arrive meanwhile.
What arrives before the place that the walk has reached is left to the next walk.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, Table, and_, literal, or_, tuple_

from domain.problems import Rejected, kind

CURSOR_MALFORMED = kind(
    "request.cursor",
    422,
    zh="“{text}”不是这个问题的翻页标记",
    en="{text!r} is no cursor of this question",
    do_zh="照上一页给出的标记原样写；要从头看，去掉它",
    do_en="give the cursor of the page before as it stands, or none to begin anew",
)
_SHOWN = 40
_Row = TypeVar("_Row")
_Key = TypeVar("_Key")
_S = TypeVar("_S", bound=Select[Any])


class Page(Struct, Generic[_Row], frozen=True, kw_only=True):
    """Some rows, and the cursor of the next page; None after the last row."""

    rows: tuple[_Row, ...]
    after: str | None = None


def cursor_of(key: Sequence[object]) -> str:
    """A key as an opaque text. Its first part names the question."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def key_of(cursor: str, kind: type[_Key], place: str = "cursor") -> _Key:
    """The key in a cursor. Raises ``Rejected`` (``request.cursor``) for that of another question,
    at ``place``, as whoever asks spells it.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(
            base64.b64decode(padded, altchars=b"-_", validate=True), type=kind
        )
    except (binascii.Error, ValueError, UnicodeError):
        shown = cursor if len(cursor) <= _SHOWN else f"{cursor[:_SHOWN]}…"
        raise Rejected([CURSOR_MALFORMED.at(place, text=shown)]) from None


def beyond(columns: Sequence[ColumnElement[Any]], key: Sequence[object]) -> ColumnElement[bool]:
    """The rows that come after ``key`` in the order of ``columns``."""
    given = [literal(part, column.type) for part, column in zip(key, columns, strict=True)]
    return tuple_(*columns) > tuple_(*given)


def in_order(
    query: _S,
    columns: Sequence[ColumnElement[Any]],
    *,
    after: Sequence[object] | None,
    limit: int | None,
) -> _S:
    """``query`` in the order of ``columns`` from ``after`` on, with one row more than ``limit``:
    it tells whether there is another page.
    """
    query = query.order_by(*columns)
    if after is not None:
        query = query.where(beyond(columns, after))
    return query if limit is None else query.limit(limit + 1)


def known_by(table: Table, upto: Mapping[str, int]) -> ColumnElement[bool]:
    """The rows of ``table`` whose position each log had reached by then; logs that ``upto`` does
    not name count whole.
    """
    known = [
        and_(table.c.log_id == log_id, table.c.position <= position)
        for log_id, position in upto.items()
    ]
    return or_(table.c.log_id.not_in(list(upto)), *known)


def page_of(
    rows: Sequence[_Row], limit: int | None, key: Callable[[_Row], Sequence[object]]
) -> Page[_Row]:
    """The page that ``rows``, which may be one more than ``limit``, make."""
    if limit is None or len(rows) <= limit:
        return Page(rows=tuple(rows))
    return Page(rows=tuple(rows[:limit]), after=cursor_of(key(rows[limit - 1])))


def page_among(
    rows: Iterable[_Row],
    kind: type[tuple[object, ...]],
    key: Callable[[_Row], tuple[object, ...]],
    *,
    after: str | None,
    limit: int | None,
) -> Page[_Row]:
    """A page of rows that are all at hand, as the database would give it. Raises as ``key_of``."""
    place = key_of(after, kind) if after is not None else None
    left = sorted((row for row in rows if place is None or key(row) > place), key=key)
    return page_of(left, limit, key)


def walk(ask: Callable[[str | None], Page[_Row]]) -> Iterator[_Row]:
    """Every row of a question, page by page; no more than a page is held at a time."""
    after: str | None = None
    while True:
        page = ask(after)
        yield from page.rows
        if page.after is None:
            return
        after = page.after
