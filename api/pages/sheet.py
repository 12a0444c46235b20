"""The 自评表 laid out: merged level cells, sums, money by source, and what stands against what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from domain.crosschecks.findings import FindingClass
from domain.facts.form import BreakdownBy
from domain.scoring import deviation
from domain.scoring.metrics import MetricName, Quantity
from domain.values import Printed, plain
from projections.current import Current, EvaluationLine, Figure, GroupScore
from projections.findings import FindingRow
from projections.tables import Prose, per_cent

LEVELS = 3


@dataclass(frozen=True)
class Cell:
    """A level cell: its name, over how many rows and columns it lies, and the sum of its lines."""

    name: str
    rows: int
    columns: int
    group: GroupScore | None = None
    max_points: str | None = None

    @property
    def contradicted(self) -> bool:
        """Whether a printed sum differs from the sum of the lines."""
        if self.group is None or self.group.points is None:
            return False
        return any(
            one.value is not None and Decimal(one.value) != Decimal(self.group.points)
            for one in self.group.declared
        )


@dataclass(frozen=True)
class Row:
    """A row of the indicator table: the level cells that begin here, and the line."""

    cells: tuple[Cell, ...]
    line: EvaluationLine
    reason: Prose | None
    findings: tuple[FindingRow, ...]

    @property
    def differs(self) -> bool:
        """Whether the calculated points are others than the declared ones."""
        calculated, declared = self.line.calculated, self.line.declared
        return (
            calculated is not None
            and declared is not None
            and Decimal(calculated) != Decimal(declared)
        )

    @property
    def deviation(self) -> str | None:
        """偏差度 in per cent at two digits: how far below (or above) its target a value lies, 0
        when it is met; None where that cannot be said.
        """
        return deviation_of(self.line)

    @property
    def deducted(self) -> bool:
        """Whether points were lost."""
        return self.line.deduction is not None and Decimal(self.line.deduction) > 0


def deviation_of(line: EvaluationLine) -> str | None:
    """偏差度 of a line, as ``Row.deviation``."""
    exact = deviation(line.target, line.actual, line.operator)
    return None if exact is None else per_cent(exact.numerator, exact.denominator)


def rows_of(
    found: Current, reasons: dict[str, Prose | None], findings: Sequence[FindingRow]
) -> list[Row]:
    """The rows with their merged cells, in the order of the form."""
    groups = {group.path: group for group in found.evaluation.groups}
    by_line: dict[str | None, list[FindingRow]] = {}
    for finding in findings:
        by_line.setdefault(finding.line, []).append(finding)
    lines = found.lines
    return [
        Row(
            tuple(_cells(lines, index, groups)),
            line,
            reasons.get(line.line),
            tuple(by_line.get(line.line, ())),
        )
        for index, line in enumerate(lines)
    ]


def _cells(
    lines: Sequence[EvaluationLine], index: int, groups: dict[tuple[str, ...], GroupScore]
) -> Iterable[Cell]:
    path = lines[index].path
    for depth in range(1, len(path) + 1):
        prefix = path[:depth]
        leaf = depth == len(path)
        if index and not leaf and lines[index - 1].path[:depth] == prefix:
            continue  # it began in a row above
        together = [lines[index]]
        if not leaf:
            for later in lines[index + 1 :]:
                if later.path[:depth] != prefix or len(later.path) == depth:
                    break
                together.append(later)
        columns = LEVELS - depth + 1 if leaf else 1
        group = groups.get(prefix) if not leaf else None
        yield Cell(path[depth - 1], len(together), columns, group, sum_of_max(together))


def sum_of_max(lines: Iterable[EvaluationLine]) -> str | None:
    """The sum of the maximum points; None when a line prints none."""
    values = [line.max_points for line in lines]
    if not values or any(value is None for value in values):
        return None
    return plain(sum((Decimal(value) for value in values if value is not None), Decimal(0)))


# --------------------------------------------------------------------------------------- money

COLUMNS = (Quantity.INITIAL_BUDGET, Quantity.ADJUSTED_BUDGET, Quantity.OUTTURN)


@dataclass(frozen=True)
class SourceRow:
    """The money of one fund source: fen in each column, and what is printed."""

    name: str
    amounts: tuple[int | None, int | None, int | None]
    printed: tuple[Printed | None, Printed | None, Printed | None]
    rate: str | None


@dataclass(frozen=True)
class MoneyTable:
    """The head of the form: what counts of each sum, other statements, rate and points."""

    counts: tuple[Figure | None, Figure | None, Figure | None]
    others: dict[Quantity, list[Figure]]
    rate: str | None
    printed_rates: tuple[str, ...]
    line: EvaluationLine | None
    sources: list[SourceRow] = field(default_factory=list)


def money_of(found: Current) -> MoneyTable:
    """The money table of a form."""
    counting = {figure.quantity: figure for figure in found.figures if figure.counts}
    counts = (
        counting.get(COLUMNS[0]),
        counting.get(COLUMNS[1]),
        counting.get(COLUMNS[2]),
    )
    others: dict[Quantity, list[Figure]] = {}
    for figure in found.figures:
        chief = counting.get(figure.quantity)
        if chief is not None and figure.fen != chief.fen and figure.printed is not None:
            others.setdefault(figure.quantity, []).append(figure)
    adjusted, outturn = counts[1], counts[2]
    rate = per_cent(outturn.fen, adjusted.fen) if outturn and adjusted else None
    rates = [one for one in found.evaluation.rates if one.metric == MetricName.EXECUTION_RATE]
    printed = tuple(dict.fromkeys(str(one.printed) for one in rates))
    line = next((one for one in found.lines if one.metric == MetricName.EXECUTION_RATE), None)
    return MoneyTable(counts, others, rate, printed, line, _sources(found))


def _sources(found: Current) -> list[SourceRow]:
    by_name: dict[str, dict[str, Printed]] = {}
    for breakdown in found.evaluation.breakdowns:
        if breakdown.by is BreakdownBy.FUND_SOURCE and breakdown.quantity in COLUMNS:
            for part in breakdown.parts:
                by_name.setdefault(part.name, {}).setdefault(breakdown.quantity, part.printed)
    rows = []
    for name, printed in by_name.items():
        shown = (
            printed.get(COLUMNS[0]),
            printed.get(COLUMNS[1]),
            printed.get(COLUMNS[2]),
        )
        amounts = (_fen(shown[0]), _fen(shown[1]), _fen(shown[2]))
        adjusted, outturn = amounts[1], amounts[2]
        rate = per_cent(outturn, adjusted) if outturn is not None and adjusted else None
        rows.append(SourceRow(name, amounts, shown, rate))
    return rows


def _fen(printed: Printed | None) -> int | None:
    return printed.fen if printed is not None else None


# -------------------------------------------------------------------------------------- totals


@dataclass(frozen=True)
class Totals:
    """The foot of the form, and how what is printed compares with what follows from the lines."""

    max_points: str | None
    deduction: str | None
    contradicted: bool
    grade_contradicted: bool
    by_class: dict[FindingClass, int]


def totals_of(found: Current, findings: Sequence[FindingRow]) -> Totals:
    """The totals of a form."""
    evaluation = found.evaluation
    computed = evaluation.computed_total
    contradicted = computed is not None and any(
        one.value is not None and Decimal(one.value) != Decimal(computed)
        for one in evaluation.declared_totals
    )
    deductions = [Decimal(line.deduction) for line in found.lines if line.deduction is not None]
    return Totals(
        max_points=sum_of_max(found.lines),
        deduction=plain(sum(deductions, Decimal(0))) if found.lines and computed else None,
        contradicted=contradicted,
        grade_contradicted=bool(
            evaluation.grade_computed
            and evaluation.grade_declared
            and evaluation.grade_computed != evaluation.grade_declared
        ),
        by_class={
            class_: sum(1 for one in findings if one.class_ is class_) for class_ in FindingClass
        },
    )
