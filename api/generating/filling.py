"""What a clerk fills in when the year is over: papers, actual values and the printed figures."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from api.generating.actuals import actual_of
from api.generating.chance import Chance
from api.generating.withdrawals import evidence
from domain.facts.envelope import Place
from domain.facts.form import (
    ActualEntered,
    DeclaredFigure,
    DeclaredRate,
    FiguresDeclared,
    FormEntry,
)
from domain.scoring.indicators import Indicator, NotApplicable
from domain.scoring.metrics import Unmeasurable, measure
from domain.scoring.steps import Worksheet
from domain.values import FEN_PER_UNIT, Printed, Rounding, plain

TABLE = "附件1 绩效自评表"


def values(
    form: str, rows: Sequence[Indicator], sums: Mapping[str, int], chance: Chance
) -> list[FormEntry]:
    """All that is filled in at once; ``sums`` are those of the money that counts for the form."""
    papers = [evidence(form, number, chance) for number in range(chance.weighted((50, 35, 15)))]
    actuals = [
        ActualEntered(
            line=row.line,
            actual=actual_of(row, chance),
            evidence=(chance.pick(papers).sha256,) if papers and chance.percent(20) else (),
        )
        for row in rows
        if row.metric is None and row.rule != "加分"
    ]
    nothing = [
        ActualEntered(line=row.line, actual=NotApplicable())
        for row in rows
        if _unmeasured(row, sums) and chance.percent(90)
    ]
    return [*papers, *actuals, *nothing, _figures(sums, chance)]


def _figures(sums: Mapping[str, int], chance: Chance) -> FiguresDeclared:
    """The printed figures: those of the ledger in 万元, now and then with a slip."""
    place = Place(TABLE, "资金情况", table=True)
    figures = []
    for quantity in ("INITIAL_BUDGET", "ADJUSTED_BUDGET", "OUTTURN"):
        amount = sums[quantity]
        if chance.percent(2):
            amount += chance.part_of(amount, 10, 90) + 1
        figures.append(DeclaredFigure(quantity=quantity, printed=_in_wan(amount), place=place))
    rates: tuple[DeclaredRate, ...] = ()
    if sums["ADJUSTED_BUDGET"] > 0 and chance.percent(35):
        rate = Fraction(sums["OUTTURN"] * 100, sums["ADJUSTED_BUDGET"])
        if chance.percent(6):
            rate += chance.between(1, 4)
        text = plain(Rounding(places=2).apply(rate))
        rates = (
            DeclaredRate(
                metric="EXECUTION_RATE",
                base="ADJUSTED",
                printed=Printed(text, "%"),
                place=Place("自评报告", "预算执行情况"),
            ),
        )
    return FiguresDeclared(figures=tuple(figures), rates=rates)


def _unmeasured(row: Indicator, sums: Mapping[str, int]) -> bool:
    """Whether nobody spends on what the row measures, so that it does not apply."""
    if row.metric is None:
        return False
    found = measure(row.metric.metric, row.metric.base, sums, Worksheet())
    return isinstance(found, Unmeasurable)


def _in_wan(fen: int) -> Printed:
    """As a form prints it: in 万元 at two places."""
    exact = Fraction(fen, FEN_PER_UNIT["万元"])
    return Printed(f"{Rounding(places=2).apply(exact):f}", "万元")
