"""The program at a moment: what every door asks it, now of the views, else of the facts known then.

Both give the same rows, for one derivation stands behind them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from api import listing
from api import problems as p
from api.bootstrap import Liuhen
from api.unknown import evaluation_unknown
from domain.crosschecks.findings import FindingClass
from domain.evaluation.problems import line_unknown
from domain.facts.others import RuleSetCopied, RuleSetPublished
from domain.ids import division_of, is_form, unit_year_of
from domain.problems import Rejected
from domain.store import EventStore, Recorded
from projections import adjustments as adjusting
from projections import current, score_history
from projections import deductions as deducting
from projections import findings as finding
from projections.tables import FactRef
from projections.unit_year import history, ref_of

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class View:
    """The program as known at ``moment``, None for now; with ``effective_on`` as the ledger counts
    until that day, its scores estimated (推算).
    """

    liuhen: Liuhen
    moment: datetime | None = None
    effective_on: date | None = None

    @property
    def store(self) -> EventStore:
        """The facts."""
        return self.liuhen.store

    @property
    def estimated(self) -> bool:
        """Whether scores are 推算."""
        return self.effective_on is not None

    @property
    def _now(self) -> bool:
        """Whether the views answer; what is not now is worked out of the facts."""
        return self.moment is None and self.effective_on is None

    def position(self, log_id: str) -> int | None:
        """Where a log was at the moment; None for now."""
        return self.liuhen.logs.position_at(log_id, self.moment)

    def _ask(
        self,
        log_id: str,
        now: Callable[[Connection], _Answer],
        then: Callable[[int | None], _Answer],
    ) -> _Answer:
        position = self.position(log_id)
        if position is not None or self.effective_on is not None:
            return then(position)
        with self.liuhen.connection() as connection:
            return now(connection)

    def _texts(self, log_id: str, digests: Sequence[str], /) -> dict[str, str]:
        return self.store.text_bodies(log_id, digests)

    def log_of(self, evaluation: str, place: str = "id") -> str:
        """The log of an evaluation: that of its division. Raises ``evaluation.unknown``."""
        if not is_form(evaluation):
            raise Rejected([evaluation_unknown(place, evaluation)])
        return division_of(evaluation)

    # ---------------------------------------------------------------------------- evaluations

    def evaluations(self, where: current.EvaluationFilter) -> list[current.Evaluation]:
        """The evaluations that fit, by log, year, unit and id."""
        if self._now:
            with self.liuhen.connection() as connection:
                return current.list_all(connection, self._texts, where)
        page = listing.evaluations(self.liuhen, where, self.moment, self.effective_on)
        found = [one.evaluation for one in page.rows]
        return [one for one in found if fits(one, where)]

    def evaluation(self, evaluation: str, place: str = "id") -> current.Current:
        """One evaluation with its lines and figures. Raises ``evaluation.unknown``."""
        found = self._current(self.log_of(evaluation, place), evaluation)
        if found is None:
            raise Rejected([evaluation_unknown(place, evaluation)])
        return found

    def _current(self, log_id: str, evaluation: str) -> current.Current | None:
        return self._ask(
            log_id,
            lambda connection: current.find(connection, self._texts, log_id, evaluation),
            lambda position: current.current_as_of(
                self.store, log_id, evaluation, position, self.effective_on
            ),
        )

    def deductions(self, evaluation: str) -> list[deducting.Deduction]:
        """The justification of each line."""
        log_id = self.log_of(evaluation)
        return self._ask(
            log_id,
            lambda connection: deducting.list_for(connection, self._texts, log_id, evaluation),
            lambda position: deducting.deductions_as_of(
                self.store, log_id, evaluation, position, self.effective_on
            ),
        )

    def undated(self, evaluation: str) -> dict[str, int]:
        """The sums of bookings without a date, in fen; empty when no business date is asked for."""
        if self.effective_on is None:
            return {}
        log_id = self.log_of(evaluation)
        return current.undated_as_of(self.store, log_id, evaluation, self.position(log_id))

    def line(self, evaluation: str, line: str) -> deducting.Deduction:
        """The justification of one line. Raises ``line.unknown``."""
        for one in self.deductions(evaluation):
            if one.line == line:
                return one
        raise Rejected([line_unknown("line", evaluation, line)])

    def ledger_facts(self, evaluation: str, line: str) -> tuple[FactRef, ...]:
        """The bookings behind the sums that a line's calculation used."""
        log_id = self.log_of(evaluation)
        return deducting.ledger_facts(
            self.store,
            log_id,
            evaluation,
            line,
            position=self.position(log_id),
            effective_on=self.effective_on,
        )

    def history(self, evaluation: str, line: str | None = None) -> list[score_history.ScoreChange]:
        """Every change of every score, or of one line's."""
        log_id = self.log_of(evaluation)
        found = self._ask(
            log_id,
            lambda connection: score_history.list_for(connection, self._texts, log_id, evaluation),
            lambda position: score_history.history_as_of(self.store, log_id, evaluation, position),
        )
        return [one for one in found if line is None or one.line == line]

    # ------------------------------------------------------------------------------- findings

    def findings(self, where: finding.FindingFilter) -> list[finding.FindingRow]:
        """The findings that fit, by log and evaluation."""
        if self._now:
            with self.liuhen.connection() as connection:
                rows = finding.search(connection, self._texts, where).rows
                # In the order of the checks, as a fold gives them; pages have one of their own.
                return sorted(rows, key=lambda row: (row.log_id, row.evaluation, row.ordinal))
        one = where.evaluation
        if one is not None:
            forms = [(where.log_id or self.log_of(one), one)]
        else:
            with self.liuhen.connection() as connection:
                _, known = listing.forms_at(self.liuhen, connection, where, self.moment)
            forms = sorted((form.log_id, form.id) for form in known)
        return [
            row
            for log_id, form in forms
            for row in self._findings_of(log_id, form)
            if fits(row, where, but=("acknowledged",))
            and (where.acknowledged is None or where.acknowledged == bool(row.acknowledged_by))
        ]

    def _findings_of(self, log_id: str, form: str) -> list[finding.FindingRow]:
        return finding.findings_as_of(
            self.store, log_id, form, self.position(log_id), self.effective_on
        )

    def findings_of(self, evaluation: str) -> list[finding.FindingRow]:
        """The findings of one evaluation, the gravest class first."""
        where = finding.FindingFilter(log_id=self.log_of(evaluation), evaluation=evaluation)
        return sorted(self.findings(where), key=lambda row: list(FindingClass).index(row.class_))

    # ---------------------------------------------------------------------------- adjustments

    def adjustments(self, where: adjusting.AdjustmentFilter) -> list[adjusting.AdjustmentEntry]:
        """The adjustments that fit, with running balances; on a business date those that count."""
        with self.liuhen.adjustments_at(self.moment, self.effective_on, where=where) as connection:
            return adjusting.list_for(connection, self._texts, where)

    def undated_adjustments(
        self, where: adjusting.AdjustmentFilter
    ) -> list[adjusting.AdjustmentEntry]:
        """Those without a date, which no business date counts; empty when none is asked for."""
        if self.effective_on is None:
            return []
        with self.liuhen.adjustments_at(self.moment, undated=True, where=where) as connection:
            return adjusting.list_for(connection, self._texts, where)

    def adjustment_groups(
        self, by: Sequence[adjusting.GroupBy], where: adjusting.AdjustmentFilter
    ) -> list[adjusting.AdjustmentGroup]:
        """Sums by group."""
        with self.liuhen.adjustments_at(self.moment, self.effective_on, where=where) as connection:
            return adjusting.group(connection, by, where)

    def money_of_units(self, where: adjusting.AdjustmentFilter) -> list[adjusting.UnitMoney]:
        """What each unit began with, gained, lost and spent by its books."""
        with self.liuhen.adjustments_at(self.moment, self.effective_on, where=where) as connection:
            return adjusting.money_of_units(connection, where)

    # ---------------------------------------------------------------------------------- facts

    def events(self, stream: str, log_id: str | None = None) -> Sequence[Recorded]:
        """The facts of a stream, in order."""
        log = log_id or division_of(stream)
        return self.store.read(log, stream, upto_position=self.position(log))

    def fact(self, log_id: str, position: int) -> Recorded:
        """The fact at a position. Raises ``http.fact-unknown``."""
        upto = self.position(log_id)
        if position > 0 and (upto is None or position <= upto):
            for recorded in self.store.read_log(log_id, after=position - 1, limit=1):
                if recorded.position == position:
                    return recorded
        last = self.store.head(log_id) if upto is None else upto
        raise Rejected([p.FACT_UNKNOWN.at("position", log=log_id, position=position, last=last)])

    def facts_of(self, evaluation: str) -> dict[str, FactRef]:
        """The facts of an evaluation and its unit's books and sister forms, by event id."""
        log_id = self.log_of(evaluation)
        unit_year = unit_year_of(evaluation)
        if unit_year is None:
            return {}
        recorded = history(self.store, log_id, unit_year, self.position(log_id))
        return {str(one.envelope.event_id): ref_of(one) for one in recorded}

    def rule_sets(self) -> list[tuple[str, Recorded]]:
        """Every published or copied version, with its log, in the order of the logs."""
        return [
            (log_id, recorded)
            for log_id in self.store.logs()
            for stream in self.store.streams(log_id)
            if "/rule-sets/" in stream
            for recorded in self.events(stream, log_id)
            if isinstance(recorded.fact, RuleSetPublished | RuleSetCopied)
        ]

    def rule_set(
        self, log_id: str, name: str, version: str | None = None
    ) -> tuple[str, Recorded] | None:
        """A version of a rule set of a log; the newest without ``version``."""
        found = None
        for where, recorded in self.rule_sets():
            fact = recorded.fact
            if (
                where == log_id
                and isinstance(fact, RuleSetPublished | RuleSetCopied)
                and fact.rule_set.name == name
                and version in {None, fact.rule_set.version}
            ):
                found = (where, recorded)
        return found


def fits(row: msgspec.Struct, where: msgspec.Struct, but: Iterable[str] = ()) -> bool:
    """Whether every field that a filter gives equals the row's."""
    return all(
        getattr(row, name) == wanted
        for name in where.__struct_fields__
        if name not in but and (wanted := getattr(where, name)) is not None
    )
