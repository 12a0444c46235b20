"""Questions over all logs: a page of an answer, or the whole of it as a file.

Each answer states the position of each log that it speaks of. A file is read from one state of
the views, page by page, so that its rows are exactly those of the pages.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import Connection

from api.asked import Asked, asked, asked_of
from api.bootstrap import Liuhen
from api.exporting import Export, file_name, write
from api.exporting.fields import ADJUSTMENTS, FINDINGS, HITS, SCORE_CHANGES
from api.view import View
from domain.values import Words
from projections import adjustments as adjusting
from projections import findings as finding
from projections import score_history, search, tracking
from projections.tables.paging import Page, page_among, walk

AT_ONCE = 500
"""Rows read at once for a file."""
USUAL, MOST = 50, 1000
"""Rows on a page: unless said otherwise, and at most."""
COUNTED = 10_000
"""So many rows are counted for a page; of more it says that there are more."""

COUNTED_HITS = 1000
"""So many hits are counted: whether a text says what is looked for is seen in the text alone."""


class Count(NamedTuple):
    """How many rows there are, or only that there are more than ``known``."""

    known: int
    more: bool = False

    @classmethod
    def of(cls, counted: int) -> "Count":
        """What a count that went no further than one beyond ``COUNTED`` says."""
        return cls(min(counted, COUNTED), counted > COUNTED)


@dataclass(frozen=True)
class Questions:
    """What was known at ``moment``, in all logs, None for now; with ``effective_on`` as the ledgers
    count until that day.
    """

    liuhen: Liuhen
    moment: datetime | None = None
    effective_on: date | None = None

    @property
    def _now(self) -> bool:
        """Whether the views answer; a past moment and a business date are worked out of facts."""
        return self.moment is None and self.effective_on is None

    def positions(self, connection: Connection) -> dict[str, int]:
        """The position of each log that an answer speaks of: no further than the views have come."""
        if self.moment is None:
            return tracking.positions(connection)
        return self.liuhen.logs.positions(connection, self.moment)

    def _upto(self, connection: Connection) -> Mapping[str, int] | None:
        return None if self.moment is None else self.positions(connection)

    def changes(
        self,
        connection: Connection,
        where: score_history.ChangeFilter,
        after: str | None = None,
        limit: int | None = USUAL,
    ) -> Page[score_history.ScoreChange]:
        """A page of changes of scores, in the order of time."""
        texts, upto = self.liuhen.store.text_bodies, self._upto(connection)
        return score_history.search(connection, texts, where, after=after, limit=limit, upto=upto)

    def adjustments(
        self,
        connection: Connection,
        where: adjusting.AdjustmentFilter,
        after: str | None = None,
        limit: int | None = USUAL,
    ) -> Page[adjusting.AdjustmentEntry]:
        """A page of adjustments, unit by unit."""
        if self._now:
            texts = self.liuhen.store.text_bodies
            return adjusting.pages(connection, texts, where, after=after, limit=limit)
        known = View(self.liuhen, self.moment, self.effective_on).adjustments(where)
        return page_among(known, adjusting.Key, adjusting.key, after=after, limit=limit)

    def adjustment_groups(
        self, by: Sequence[adjusting.GroupBy], where: adjusting.AdjustmentFilter
    ) -> tuple[list[adjusting.AdjustmentGroup], dict[str, int]]:
        """Sums by group, and the position of each log that they speak of."""
        if self._now:
            with self.liuhen.connection() as connection:
                return adjusting.group(connection, by, where), self.positions(connection)
        with self.liuhen.connection() as connection:
            positions = self.positions(connection)
        return View(self.liuhen, self.moment, self.effective_on).adjustment_groups(
            by, where
        ), positions

    def findings(
        self,
        connection: Connection,
        where: finding.FindingFilter,
        after: str | None = None,
        limit: int | None = USUAL,
    ) -> Page[finding.FindingRow]:
        """A page of findings, evaluation by evaluation."""
        if self._now:
            texts = self.liuhen.store.text_bodies
            return finding.search(connection, texts, where, after=after, limit=limit)
        known = View(self.liuhen, self.moment, self.effective_on).findings(where)
        return page_among(known, finding.Key, finding.key, after=after, limit=limit)

    def hits(
        self,
        connection: Connection,
        query: str,
        where: search.SearchFilter,
        after: str | None = None,
        limit: int | None = USUAL,
    ) -> Page[search.Hit]:
        """A page of what was found."""
        texts, upto = self.liuhen.store.text_bodies, self._upto(connection)
        return search.search(connection, texts, query, where, after=after, limit=limit, upto=upto)

    # --------------------------------------------------------------------------------- totals

    def count_changes(self, connection: Connection, where: score_history.ChangeFilter) -> Count:
        """How many changes fit."""
        upto = self._upto(connection)
        return Count.of(score_history.count(connection, where, most=COUNTED, upto=upto))

    def count_findings(self, connection: Connection, where: finding.FindingFilter) -> Count | None:
        """How many findings fit; None where each would have to be worked out of the facts."""
        if not self._now:
            return None
        return Count(sum(one.count for one in finding.count_by_code(connection, where)))

    def count_hits(self, connection: Connection, query: str, where: search.SearchFilter) -> Count:
        """How many hits there are, up to ``COUNTED_HITS``: each is looked at in its text."""
        found = self.hits(connection, query, where, limit=COUNTED_HITS)
        return Count(len(found.rows), found.after is not None)

    # ---------------------------------------------------------------------------------- files

    def file_of_changes(self, connection: Connection, where: score_history.ChangeFilter) -> Export:
        """Every change of a score that fits, as a file."""
        export = self._file("score-changes", Words("得分变动", "score changes"), SCORE_CHANGES)
        ask = partial(self.changes, connection, where, limit=AT_ONCE)
        return export(connection, where, lambda: walk(ask))

    def file_of_adjustments(
        self, connection: Connection, where: adjusting.AdjustmentFilter
    ) -> Export:
        """Every adjustment that fits, as a file."""
        export = self._file("adjustments", Words("预算调整", "adjustments"), ADJUSTMENTS)
        # A past moment is folded whole, and only once.
        at_once = AT_ONCE if self._now else None
        ask = partial(self.adjustments, connection, where, limit=at_once)
        return export(connection, where, lambda: walk(ask))

    def file_of_findings(self, connection: Connection, where: finding.FindingFilter) -> Export:
        """Every finding that fits, as a file."""
        export = self._file("findings", Words("疑点", "findings"), FINDINGS)
        at_once = AT_ONCE if self._now else None
        ask = partial(self.findings, connection, where, limit=at_once)
        return export(connection, where, lambda: walk(ask))

    def file_of_hits(
        self, connection: Connection, query: str, where: search.SearchFilter
    ) -> Export:
        """Everything that is found, as a file."""
        export = self._file("search", Words("检索", "search"), HITS)
        ask = partial(self.hits, connection, query, where, limit=AT_ONCE)
        return export(connection, where, lambda: walk(ask), words=query)

    def _file(self, name: str, title: Words, fields: Any) -> Callable[..., Export]:  # noqa: ANN401
        def export(
            connection: Connection,
            where: Struct,
            rows: Callable[[], Iterator[object]],
            *,
            words: str | None = None,
        ) -> Export:
            looked_for = [asked("q", words)] if words is not None else []
            # A row that no business date counts is not in the file.
            # What is filed must not be taken for what was stored.
            day = [] if self.effective_on is None else [_counted_until(self.effective_on)]
            return Export(
                name=name,
                title=title,
                asked=[*looked_for, *asked_of(where), *day],
                moment=self.moment,
                made_at=self.liuhen.clock(),
                positions=self.positions(connection),
                fields=fields,
                rows=rows(),
            )

        return export

    def written(
        self, make: Callable[[Connection], Export], format_: str, lang: str
    ) -> Iterator[bytes]:
        """A file, part by part, from one state of the views, which is kept until its end."""
        with self.liuhen.connection() as connection:
            yield from write(make(connection), format_, lang)

    def file(
        self, make: Callable[[Connection], Export], format_: str, lang: str
    ) -> tuple[str, Iterator[bytes]]:
        """The name of a file, and the file as ``written`` gives it.

        It is begun at once, so that whatever refuses it does so before anything is sent.
        """
        name: list[str] = []

        def named(connection: Connection) -> Export:
            export = make(connection)
            name.append(file_name(export, format_))
            return export

        parts = self.written(named, format_, lang)
        first = next(parts, b"")
        return name[0], chain([first], parts)


def _counted_until(day: date) -> Asked:
    shown = Words(f"{day}（推算）", f"{day} (estimated)")
    return asked("effective_on", f"{day} · 推算 / estimated", shown)
