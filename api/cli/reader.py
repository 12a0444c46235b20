"""The opened program as the command line asks it: what an id on a line means, on the two clocks."""

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from api import asking
from api.cli.naming import find_line, near
from api.logging import bind
from api.output import Output
from api.unknown import evaluation_unknown
from api.view import View
from api.withdrawn import WithdrawnLine, withdrawn_lines
from domain.facts.form import EvaluationOpened
from domain.ids import division_of, is_form
from domain.problems import Gathered, Problem, Rejected, kind
from domain.store import Recorded
from domain.values import Words
from projections import current, standing

NOT_KNOWN_THEN = kind(
    "as-of.nothing-known",
    404,
    zh="{moment} 时尚未录入 {id}：最早的事实记录于 {first}",
    en="nothing was known of {id} at {moment}: its first fact was recorded at {first}",
    do_zh="把 --as-of 改为更晚的时间，或去掉它看现状",
    do_en="give a later --as-of, or leave it out to see the present",
)
STREAM_NOT_FOUND = kind(
    "stream.not-found",
    404,
    zh="没有编号 {id}{near}",
    en="nothing has the id {id}{near}",
    do_zh="`liuhen list` 列出自评；台账写作 区划/单位/年度/ledger",
    do_en="`liuhen list` shows self-evaluations; a ledger is division/unit/year/ledger",
)


class Scope(NamedTuple):
    """What a line names: the log (None: all of them), the code of a unit, an evaluation."""

    log_id: str | None
    unit: str | None
    evaluation: str | None


def option(name: str) -> str:
    """How the command line spells an option."""
    return f"--{name}"


@dataclass(frozen=True)
class Reader(View):
    """The opened program on the two clocks, as the command line asks it: an id that there is not is
    refused with those near it.
    """

    out: Output = field(kw_only=True)

    # --------------------------------------------------------------------------------- clocks

    def clocks(self) -> dict[str, object]:
        """The two clocks of an answer, for JSON; ``estimated`` is there when scores are 推算."""
        if self.effective_on is None:
            return {"as_of": self.moment}
        return {"as_of": self.moment, "effective_on": self.effective_on, "estimated": True}

    # ---------------------------------------------------------------------------- what is named

    def scope(
        self,
        *,
        log: str | None = None,
        division: str | None = None,
        unit: str | None = None,
        year: int | None = None,
        evaluation: str | None = None,
        spelt: Callable[[str], str] = option,
    ) -> "Scope":
        """What the options of a line name: a log, a division, a unit by code or name, an
        evaluation. Raises ``Rejected`` with each that there is not, or that contradicts another.
        """
        asked, liuhen = Gathered(), self.liuhen
        form = evaluation.strip().strip("/") if evaluation is not None else None
        code = None
        if log is not None:
            asked.take(lambda: liuhen.logs.require(log, spelt("log")))
        if division is not None:
            asked.take(lambda: liuhen.logs.require(division, spelt("division")))
        if form is not None:
            asked.take(lambda: self.log_of(form, spelt("evaluation")))
        if unit is not None:
            with self.liuhen.connection() as connection:
                code = asked.take(
                    lambda: asking.unit_named(liuhen, connection, unit, spelt("unit"), log)
                )
        given = {"log": log, "division": division, "unit": code, "year": year}
        asked.take(lambda: asking.require_agreement(form, given, spelt))
        asked.refuse()
        return Scope(log or (division_of(form) if form else None), code, form)

    def say_estimated(self) -> None:
        """Say above an answer that its scores are estimated, and until when money counts."""
        if self.effective_on is not None:
            self.out.line(
                self.out.words(
                    f"推算：台账计到业务日期 {self.effective_on}（含），得分按当时规则当场计算，"
                    "不是入库的得分",
                    f"Estimated: the ledger counts until {self.effective_on}; scores are calculated "
                    "on the spot and are not those stored",
                ),
                style="bold",
            )

    # ---------------------------------------------------------------------------- evaluations

    def standings(self, year: int | None = None) -> list[standing.Listed]:
        """How every form stood at the moment, with its money as counted until the day: by log,
        year, unit and id. An indexed question, whatever the moment.
        """
        with self.liuhen.connection() as connection:
            at = self.liuhen.logs.positions(connection, self.moment)
            years = [year] if year else standing.years_with_facts(connection, at)
            found = [
                one
                for each in years
                for one in standing.listed(connection, at, each, self.effective_on)
            ]
        return sorted(found, key=lambda one: one.form.log_id)

    def evaluation(self, evaluation: str, place: str = "ID") -> current.Current:
        """A self-evaluation by its id. Raises ``Rejected``: unknown, or not known then."""
        evaluation = evaluation.strip().strip("/")
        bind(evaluation=evaluation)
        log_id = self.log_of(evaluation, place)
        found = self._current(log_id, evaluation)
        if found is not None:
            return found
        if self.moment is None:  # its views have stopped before they had anything
            raise Rejected(self.liuhen.stopped())
        first = self.store.read(log_id, evaluation)[0].envelope.recorded_at
        raise Rejected([self._not_known(evaluation, first)])

    def named(self, wanted: str | None) -> None:
        """Raises ``Rejected`` (``evaluation.unknown``) where there is no such evaluation; not where
        none is named.
        """
        if wanted is not None:
            self.log_of(wanted.strip().strip("/"))

    def line_named(
        self, found: current.Current, wanted: str, place: str = "LINE"
    ) -> current.EvaluationLine | WithdrawnLine:
        """A line of an evaluation by its row id or its name, or one that it has no more. Raises as
        ``find_line``.
        """
        one = found.evaluation
        gone = partial(withdrawn_lines, self, one)
        return find_line(one.id, found.lines, wanted, place, gone)

    def log_of(self, evaluation: str, place: str = "ID") -> str:
        """The log of a form. Raises ``Rejected`` (``evaluation.unknown``) with near ids."""
        with self.liuhen.connection() as connection:
            log_id = current.log_of(connection, evaluation)
        if log_id is not None:
            return log_id
        division = division_of(evaluation)
        history = self.store.read(division, evaluation) if is_form(evaluation) else ()
        if history and isinstance(history[0].fact, EvaluationOpened):
            return division
        raise Rejected([evaluation_unknown(place, evaluation, self._near_ids(evaluation))])

    def _near_ids(self, wanted: str) -> Words:
        with self.liuhen.connection() as connection:
            known = current.list_all(connection, self.store.text_bodies)
        if not known:
            return Words("，库中还没有任何自评", "; there is none at all yet")
        ids = [one.id for one in known]
        named = [
            one.id
            for one in known
            if wanted in one.id or wanted in one.unit_name or wanted in (one.project_name or "")
        ]
        return near(named or difflib.get_close_matches(wanted, ids, n=3, cutoff=0.5) or ids[:3])

    # ---------------------------------------------------------------------------------- facts

    def facts(self, wanted: str) -> tuple[str, str, Sequence[Recorded]]:
        """The log, the id and the facts of a stream. Raises ``Rejected``: unknown, or not then."""
        stream = wanted.strip().strip("/")
        log_id = division_of(stream)
        history = self.store.read(log_id, stream)
        if not history:
            known = [one for log in self.store.logs() for one in self.store.streams(log)]
            inside = [one for one in known if stream and stream in one]
            close = inside or difflib.get_close_matches(stream, known, n=3, cutoff=0.5)
            raise Rejected([STREAM_NOT_FOUND.at("ID", id=stream, near=near(close))])
        position = self.position(log_id)
        then = [one for one in history if position is None or one.position <= position]
        if not then:
            raise Rejected([self._not_known(stream, history[0].envelope.recorded_at)])
        return log_id, stream, then

    def texts_of(self, log_id: str, recorded: Recorded) -> dict[str, str]:
        """The detached texts of a fact that are still there, by digest."""
        digests = sorted(set(_digests(msgspec.to_builtins(recorded.fact))))
        return self.store.text_bodies(log_id, digests) if digests else {}

    def _not_known(self, id_: str, first: datetime) -> Problem:
        return NOT_KNOWN_THEN.at(
            "--as-of",
            id=id_,
            moment=self.out.moment(self.moment, seconds=True),
            first=self.out.moment(first, seconds=True),
        )


Look = Callable[[Reader], object]
"""What looks at a line with the program opened, and refuses what is wrong with it."""


def _digests(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _digests(part)
    elif isinstance(value, list):
        for part in value:
            yield from _digests(part)
    elif isinstance(value, str) and _DIGEST.fullmatch(value):
        yield value


_DIGEST = re.compile(r"[0-9a-f]{64}")
