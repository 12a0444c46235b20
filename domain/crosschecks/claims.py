"""The rates that a form states: in a line as its actual value, or in the text."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from domain.crosschecks.view import View
from domain.crosschecks.wording import at, line_words, plain_rate
from domain.evaluation.readings import value_words
from domain.facts.envelope import Place
from domain.facts.form import FiguresDeclared
from domain.scoring.indicators import NumberActual
from domain.scoring.metrics import METRICS, bases_of
from domain.values import Words


class RateClaim(Struct, frozen=True, gc=False, kw_only=True):
    """A rate as it stands somewhere: in per cent, with the bases that it can be meant on."""

    metric: str
    value: Decimal
    bases: tuple[str, ...]
    words: Words
    line: str | None
    facts: tuple[UUID, ...]


def claims(view: View) -> Iterator[RateClaim]:
    """Every rate that a line or the text states for a known metric, in per cent.

    What a line and the text state alike comes once, with the line.
    """
    entered: set[tuple[str, Decimal]] = set()
    for row in view.rows:
        actual = view.form.actual(row.line)
        if row.metric is None or actual is None or row.metric.metric not in METRICS:
            continue
        value = actual[1].actual
        if isinstance(value, NumberActual) and value.unit == "%":
            entered.add((row.metric.metric, value.value))
            given = value_words(value)
            yield RateClaim(
                metric=row.metric.metric,
                value=value.value,
                bases=(row.metric.base,),
                words=Words(
                    f"{line_words(row).zh}实际完成值 {given.zh}",
                    f"{line_words(row).en}, actual value {given.en}",
                ),
                line=row.line,
                facts=(actual[0].head,),
            )
    for (metric, printed, base), stated in _printed(view).items():
        if metric in METRICS and (metric, printed) not in entered:
            yield _printed_claim(view, metric, printed, base, stated)


_Stated = list[tuple[Place, UUID]]


def _printed(view: View) -> dict[tuple[str, Decimal, str | None], _Stated]:
    found: dict[tuple[str, Decimal, str | None], _Stated] = {}
    for chain, fact in view.form.live(FiguresDeclared):
        for one in fact.rates:
            if one.printed.unit == "%":
                key = (one.metric, one.printed.value, one.base)
                found.setdefault(key, []).append((one.place, chain.head))
    return found


def _printed_claim(
    view: View, metric: str, value: Decimal, base: str | None, stated: _Stated
) -> RateClaim:
    rows = [row.metric.base for row in view.rows if row.metric and row.metric.metric == metric]
    named, where = METRICS[metric].words, at(place for place, _ in stated)
    text = plain_rate(value)
    return RateClaim(
        metric=metric,
        value=value,
        bases=(base,) if base else tuple(rows) or bases_of(metric)[:1],
        words=Words(f"{named.zh} {text}%{where.zh}", f"{named.en} {text} %{where.en}"),
        line=None,
        facts=tuple(head for _, head in stated),
    )
