"""From what a file says to the commands that record it.

Each entry keeps its place in the document. A row takes from the rule set's template of the same
path what it leaves out; a template of a higher level lends its operator and rule.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Protocol, TypeVar

import msgspec
from msgspec import Struct

from adapters.input_format import document as d
from adapters.input_format.problems import (
    CLASH,
    FINER_THAN_FEN,
    MISSING_KEY,
    NOT_MONEY,
    SEVERAL_COUNT,
    TWICE,
    UNIT_MISSING,
)
from adapters.input_format.shapes import Reading, unknown_name
from domain import commands as c
from domain import indicators as i
from domain.facts import form as f
from domain.facts import ledger as g
from domain.facts.envelope import UNKNOWN, Effective, Place, on
from domain.ids import UnitYear, rule_set_stream
from domain.importing import Step
from domain.metrics import METRICS, Quantity, bases_of
from domain.rule_set import RuleSet, check_rule_set
from domain.rules import Checklist
from domain.values import FEN_PER_UNIT, Printed, Words


class FindRules(Protocol):
    """Where rule sets come from that a file only names."""

    def find(self, division: str, form: str, wanted: d.RuleSetName) -> RuleSet | None:
        """The rule set that a name means for a form."""
        ...

    def known(self, division: str) -> list[str]:
        """All names that would be found."""
        ...


_DEEPEST = 3
_T = TypeVar("_T")


class Seen:
    """What one import has met so far, across its files."""

    def __init__(self) -> None:
        self.forms: dict[str, str] = {}
        self.booked: dict[str, str] = {}
        self.published: set[tuple[str, str, str]] = set()
        self.inline: dict[tuple[str, str], RuleSet] = {}


class _Flat(Struct, frozen=True):
    """A row with its whole path, its line id and its template."""

    row: d.Row
    path: tuple[str, ...]
    line: str
    template: i.Indicator | None
    exact: bool


def translate(
    submission: d.Submission, reading: Reading, find_rules: FindRules, seen: Seen
) -> list[Step]:
    """The steps that record ``submission``; what is wrong is noted in ``reading``."""
    return _Translator(submission, reading, find_rules, seen).steps()


class _Translator:
    def __init__(
        self, submission: d.Submission, reading: Reading, find_rules: FindRules, seen: Seen
    ) -> None:
        self._it = submission
        self._reading = reading
        self._find = find_rules
        self._seen = seen
        self._root = reading.path_of(submission)
        self._unit_year = UnitYear(
            submission.division.code, submission.unit.code, submission.fiscal_year
        )

    def _under(self, key: str) -> str:
        return f"{self._root}.{key}" if self._root else key

    def _clash(self, path: str, detail: Words, hint: Words) -> None:
        self._reading.report_at(path, CLASH, detail=detail, hint=hint)

    def steps(self) -> list[Step]:
        steps = self._ledger()
        for evaluation in self._it.evaluations:
            steps += _Form(self, evaluation).steps()
        empty = not self._it.evaluations and not self._it.ledger.entries
        if empty and not self._reading.hurt(self._root):
            self._reading.report_at(
                self._root, MISSING_KEY, key="evaluations", about="至少一份自评表或一条分录"
            )
        return steps

    # ------------------------------------------------------------------------------- rule sets

    def rules(
        self, given: d.RuleSetName | RuleSet, form: str, path: str
    ) -> tuple[RuleSet | None, list[Step]]:
        """The rule set a form goes by, and the step that publishes it where it is needed."""
        division = self._it.division.code
        if isinstance(given, RuleSet):
            for problem in check_rule_set(given):
                self._reading.note(path, problem)
            rules: RuleSet | None = given
        elif (inline := self._seen.inline.get((division, given.name))) is not None and (
            given.version in {None, inline.version}
        ):
            rules = inline
        else:
            rules = self._find.find(division, form, given)
        if rules is None:
            name = given.name if given.version is None else f"{given.name} ({given.version})"
            unknown_name(
                self._reading,
                path,
                name,
                Words("规则集", "rule set"),
                self._find.known(division),
            )
            return None, []
        key = (division, rules.name, rules.version)
        if key in self._seen.published and not isinstance(given, RuleSet):
            return rules, []
        self._seen.published.add(key)
        if isinstance(given, RuleSet):
            self._seen.inline[division, rules.name] = rules
        command = c.PublishRuleSet(stream=rule_set_stream(division, rules.name), rule_set=rules)
        return rules, [Step(name=rules.version, command=command, place=self._reading.place(path))]

    # ---------------------------------------------------------------------------------- ledger

    def _ledger(self) -> list[Step]:
        ledger, path = self._it.ledger, self._under("ledger")
        stream = self._unit_year.ledger
        place = self._reading.place(path)
        if ledger.basis is g.Basis.LEDGER and not ledger.entries:
            self._clash(
                f"{path}.basis",
                Words("口径是 ledger，却没有分录", "the basis is ledger, yet there is no entry"),
                Words(
                    "写出分录，或去掉 basis（只有填报数时用 declared）",
                    "give the entries, or leave `basis` out where only declared figures exist",
                ),
            )
        opened = c.OpenLedger(ledger=stream, unit_name=self._it.unit.name, basis=ledger.basis)
        steps = [Step(name="opened", command=opened, place=place)]
        if not ledger.entries:
            return steps
        before = self._seen.booked.setdefault(stream, place)
        if before != place:
            self._reading.report_at(
                f"{path}.entries",
                TWICE,
                what=Words("台账分录", "ledger entries"),
                name=stream,
                before=before,
                hint=Words(
                    "同一单位同一年度的分录写在一处", "book a unit's entries of a year in one place"
                ),
            )
        steps.append(
            Step(
                name="entries",
                command=c.Book(
                    ledger=stream,
                    entries=tuple(self._booking(entry) for entry in ledger.entries),
                ),
                place=place,
                places=_entries(
                    self._reading.place(self._reading.path_of(entry)) for entry in ledger.entries
                ),
            )
        )
        return steps

    def _booking(self, entry: d.Booked) -> c.Booking:
        path = self._reading.path_of(entry)
        unit = entry.unit or self._it.amount_unit

        def fen(figure: str, where: str) -> int:
            return self.fen(Printed(figure, unit), f"{path}.{where}") or 0

        fact: g.LedgerEntry
        match entry:
            case d.InitialBudget(lines=lines):
                amounts = self._lines(lines, fen)
                fact = g.InitialBudgetApproved(lines=amounts, document=entry.document_number)
            case d.CarriedIn(lines=lines):
                amounts = self._lines(lines, fen)
                fact = g.FundsCarriedIn(lines=amounts, document=entry.document_number)
            case d.Supplement() | d.Reduction() | d.Clawback():
                fact = _ADJUSTMENTS[type(entry)](
                    amount=fen(entry.amount, "amount"),
                    line=_line(entry.line),
                    source=entry.source,
                    document=entry.document_number,
                    approved_by=entry.approved_by,
                    approved_on=entry.approved_on,
                    reason=entry.reason,
                    excluded=entry.exclusion,
                )
            case d.Virement():
                fact = g.FundsVired(
                    amount=fen(entry.amount, "amount"),
                    from_line=_line(entry.from_line),
                    to_line=_line(entry.to_line),
                    source=entry.source,
                    document=entry.document_number,
                    approved_by=entry.approved_by,
                    approved_on=entry.approved_on,
                    reason=entry.reason,
                    excluded=entry.exclusion,
                )
            case d.Payment():
                fact = g.ExpenditureRecorded(
                    amount=fen(entry.amount, "amount"),
                    paid_on=entry.paid_on,
                    voucher=entry.voucher,
                    line=_line(entry.line),
                )
            case d.Reversal():
                fact = g.ExpenditureReversed(
                    amount=fen(entry.amount, "amount"),
                    voucher=entry.voucher,
                    document=entry.document_number,
                    reason=entry.reason,
                )
            case d.Advance():
                fact = g.AdvanceRecognised(
                    amount=fen(entry.amount, "amount"),
                    voucher=entry.voucher,
                    line=_line(entry.line),
                    document=entry.document_number,
                    reason=entry.reason,
                )
            case d.PriorYear():
                fact = g.PriorYearFiguresStated(
                    figures=tuple(
                        g.PriorFigure(quantity.value, fen(figure, f"figures.{quantity.value}"))
                        for quantity, figure in sorted(entry.figures.items())
                    )
                )
        place = entry.place
        return c.Booking(
            fact=fact,
            effective=self._effective(entry),
            source=Place(self._it.document, place, bool(entry.table)) if place else None,
        )

    def _lines(
        self, lines: tuple[d.Amount, ...], fen: Callable[[str, str], int]
    ) -> tuple[g.BudgetLine, ...]:
        return tuple(
            g.BudgetLine(fen(line.amount, f"lines[{index}]"), _line(line))
            for index, line in enumerate(lines)
        )

    def _effective(self, entry: d.Booked) -> Effective:
        period = entry.effective
        if period is None:
            # The day a payment was made is its business date; nothing else implies one.
            paid_on = entry.paid_on if isinstance(entry, d.Payment) else None
            return on(paid_on) if paid_on else UNKNOWN
        if period.first is not None and period.first > period.last:
            self._clash(
                self._reading.path_of(period),
                Words("起日晚于止日", "the first day is after the last"),
                Words("核对 first 和 last", "check `first` and `last`"),
            )
        return Effective(period.first or period.last, period.last)

    # --------------------------------------------------------------------------------- figures

    def fen(self, printed: Printed, path: str) -> int | None:
        """The amount in fen; None, and a problem, for one that has none."""
        if printed.unit not in FEN_PER_UNIT:
            self._reading.report_at(path, NOT_MONEY, unit=printed.unit)
            return None
        try:
            return printed.fen
        except ValueError:
            self._reading.report_at(path, FINER_THAN_FEN, text=printed.text, unit=printed.unit)
            return None


_ADJUSTMENTS: dict[
    type, type[g.BudgetSupplemented] | type[g.BudgetReduced] | type[g.FundsClawedBack]
] = {
    d.Supplement: g.BudgetSupplemented,
    d.Reduction: g.BudgetReduced,
    d.Clawback: g.FundsClawedBack,
}


def _line(given: d.LineOf) -> g.Line:
    return g.Line(
        fund_nature=given.fund_nature,
        kind=given.kind,
        project=given.project,
        functional=given.functional,
        economic=given.economic,
        purposes=given.purposes,
    )


class _Form:
    """The steps of one evaluation."""

    def __init__(self, parent: _Translator, evaluation: d.Evaluation) -> None:
        self._parent = parent
        self._it = evaluation
        self._reading = parent._reading  # noqa: SLF001 - two halves of one translation
        self._path = self._reading.path_of(evaluation)
        self._document = parent._it.document  # noqa: SLF001
        self._amount_unit = evaluation.amount_unit or parent._it.amount_unit  # noqa: SLF001
        project = evaluation.code if evaluation.level is f.Level.PROJECT else None
        self._id = parent._unit_year.form(project)  # noqa: SLF001
        self._rules: RuleSet | None = None

    def steps(self) -> list[Step]:
        self._check_identity()
        it = self._it
        opened = c.OpenEvaluation(
            form=self._id,
            unit_name=self._parent._it.unit.name,  # noqa: SLF001
            project_name=it.name,
            reviewed_by_department=it.reviewed_by_department,
        )
        steps, adopt = self._adopt()
        steps += [self._step("opened", opened), *adopt]
        rows = self._rows()
        steps += [self._with_rows(step, rows) for step in self._enter("rows", self._set(rows))]
        steps += self._enter("figures", self._figure_entries())
        steps += self._enter("evidence", self._evidence_entries(rows))
        steps += self._enter("actuals", self._actual_entries(rows))
        steps += self._enter("scores", self._score_entries(rows))
        steps += self._enter("reasons", self._reason_entries(rows))
        steps += self._problems()
        if rows and self._rules is not None:
            steps.append(self._step("calculation", c.CalculateScores(form=self._id)))
        return steps

    def _step(self, name: str, command: c.Command, places: dict[str, str] | None = None) -> Step:
        place = self._reading.place(self._path)
        return Step(name=name, command=command, place=place, places=places or {})

    def _enter(self, name: str, entries: Iterable[tuple[object, c.Entry]]) -> list[Step]:
        found = list(entries)
        if not found:
            return []
        places = _entries(self._reading.place(self._reading.path_of(given)) for given, _ in found)
        command = c.Enter(form=self._id, entries=tuple(entry for _, entry in found))
        return [self._step(name, command, places)]

    def _with_rows(self, step: Step, rows: list[_Flat]) -> Step:
        places = dict(step.places)
        for index, flat in enumerate(rows):
            place = self._reading.place(self._reading.path_of(flat.row))
            places[f"entries[0].rows[{index}]"] = places[f"line {flat.line}"] = place
        return msgspec.structs.replace(step, places=places)

    def _check_identity(self) -> None:
        it = self._it
        if it.level is f.Level.PROJECT and it.code is None:
            self._reading.report_at(self._path, MISSING_KEY, key="code", about="项目编码")
            return
        if it.level is f.Level.DEPARTMENT and it.code is not None:
            self._parent._clash(  # noqa: SLF001
                f"{self._path}.code",
                Words("部门整体自评没有项目编码", "a department's evaluation has no project code"),
                Words("删去 code，或把 level 改为 project", "drop `code`, or make `level` project"),
            )
        here = self._reading.place(self._path)
        before = self._parent._seen.forms.setdefault(self._id, here)  # noqa: SLF001
        if before != here:
            self._reading.report_at(
                self._path,
                TWICE,
                what=Words("自评", "evaluation"),
                name=self._id,
                before=before,
                hint=Words(
                    "一次导入里每份自评只写一次；核对单位、年度和项目编码",
                    "give each evaluation once; check unit, year and project code",
                ),
            )

    def _adopt(self) -> tuple[list[Step], list[Step]]:
        given = self._it.rule_set or self._parent._it.rule_set  # noqa: SLF001
        if given is None:
            return [], []
        path = self._reading.path_of(given)
        self._rules, publish = self._parent.rules(given, self._id, path)
        number = given.document_number if isinstance(given, d.RuleSetName) else None
        if self._rules is None:
            return publish, []
        command = c.AdoptRuleSet(
            form=self._id,
            name=self._rules.name,
            version=self._rules.version,
            document=number,
        )
        return publish, [self._step("rule-set", command)]

    # ------------------------------------------------------------------------------------ places

    def _place(self, given: Struct, *, suffix: str = "") -> Place:
        """Where ``given`` is printed; the form's own place where it names none."""
        place, table = getattr(given, "place", None), getattr(given, "table", None)
        if place is not None:
            return Place(self._document, place, bool(table))
        if self._it.place is None:
            path = self._reading.path_of(given)
            about = "印在何处；或在这份自评上写 place，各处共用"
            self._reading.report_at(path, MISSING_KEY, key="place", about=about)
            return Place(self._document, "")
        inherited = self._it.table if table is None else table
        return Place(self._document, f"{self._it.place} {suffix}".strip(), bool(inherited))

    def _row_place(self, flat: _Flat) -> Place:
        return self._place(flat.row, suffix=flat.path[-1])

    # -------------------------------------------------------------------------------------- rows

    def _rows(self) -> list[_Flat]:
        flat: list[_Flat] = []
        self._flatten(self._it.lines, (), flat)
        self._once(flat, lambda one: one.line, "line", Words("行号", "line"))
        self._once(flat, lambda one: "/".join(one.path), "path", Words("指标", "indicator"))
        return flat

    def _flatten(self, rows: Iterable[d.Row], above: tuple[str, ...], flat: list[_Flat]) -> None:
        for row in rows:
            path = (*above, *row.path)
            if row.lines:
                self._only_a_level(row)
                self._flatten(row.lines, path, flat)
                continue
            if not 1 <= len(path) <= _DEEPEST:
                self._parent._clash(  # noqa: SLF001
                    f"{self._reading.path_of(row)}.path",
                    Words(
                        f"指标有 {len(path)} 级名称", f"the indicator has {len(path)} level names"
                    ),
                    Words("写一至三级名称", "give one to three level names"),
                )
            line = row.line or str(len(flat) + 1)
            template, exact = self._template(path)
            flat.append(_Flat(row, path, line, template, exact))

    def _only_a_level(self, row: d.Row) -> None:
        own = [
            name
            for name in row.__struct_fields__
            if name not in {"path", "lines", "place", "table", "printed"}
            and getattr(row, name) not in (None, ())
        ]
        if own:
            self._parent._clash(  # noqa: SLF001
                f"{self._reading.path_of(row)}.{own[0]}",
                Words(
                    f"有下级的一行不能有 {'、'.join(own)}",
                    f"a level with rows of its own cannot have {', '.join(own)}",
                ),
                Words(
                    "写到最下一级；一级、二级的得分写在 groups",
                    "put it on the rows below; scores of levels go under `groups`",
                ),
            )

    def _once(
        self, rows: list[_Flat], name_of: Callable[[_Flat], str], key: str, what: Words
    ) -> None:
        seen: dict[str, str] = {}
        for one in rows:
            name = name_of(one)
            here = self._reading.path_of(one.row)
            if name in seen:
                self._reading.report_at(
                    f"{here}.{key}",
                    TWICE,
                    what=what,
                    name=name,
                    before=self._reading.at(seen[name]),
                    hint=Words("删去一行，或改名", "delete one row, or rename it"),
                )
            seen.setdefault(name, here)

    def _template(self, path: tuple[str, ...]) -> tuple[i.Indicator | None, bool]:
        templates = self._rules.templates if self._rules else ()
        above = [one for one in templates if one.path == path[: len(one.path)]]
        if not above:
            return None, False
        best = max(above, key=lambda one: len(one.path))
        return best, best.path == path

    def _set(self, rows: list[_Flat]) -> Iterator[tuple[object, c.Entry]]:
        if not rows:
            return
        fact = f.IndicatorsSet(rows=tuple(self._indicator(flat) for flat in rows))
        place = self._it.place
        source = Place(self._document, place, bool(self._it.table)) if place else None
        yield self._it, c.Entry(fact=fact, source=source)

    def _indicator(self, flat: _Flat) -> i.Indicator:
        row, template = flat.row, flat.template
        whole = template if flat.exact else None
        return i.Indicator(
            line=flat.line,
            path=flat.path,
            max_points=_or(row.max_points, whole.max_points if whole else None),
            operator=_or(row.operator, template.operator if template else None),
            target=self._target(flat) or (whole.target if whole else None),
            metric=self._metric(row) or (whole.metric if whole else None),
            rule=self._rule(flat),
            printed=row.printed and (whole.printed if whole else True),
        )

    def _rule(self, flat: _Flat) -> str | None:
        name, path = flat.row.rule, f"{self._reading.path_of(flat.row)}.rule"
        if name is None:
            return flat.template.rule if flat.template else None
        if self._rules is None:
            self._parent._clash(  # noqa: SLF001
                path,
                Words(f"没有规则集，无从找到规则“{name}”", f"no rule set to find {name!r} in"),
                Words("写明 rule_set，或删去 rule", "name a `rule_set`, or drop `rule`"),
            )
        elif name not in self._rules.rules:
            what = Words(
                f"评分规则（规则集 {self._rules.name}）", f"rule in the rule set {self._rules.name}"
            )
            unknown_name(self._reading, path, name, what, list(self._rules.rules))
        return name

    def _metric(self, row: d.Row) -> i.MetricRef | None:
        path = self._reading.path_of(row)
        if row.metric is None:
            if row.base is not None:
                self._reading.report_at(path, MISSING_KEY, key="metric", about="口径所属的指标")
            return None
        name = self.metric_name(row.metric, f"{path}.metric")
        if name is None:
            return None
        base = row.base or bases_of(name)[0]
        return i.MetricRef(name, self.base_name(name, base, f"{path}.base"))

    def metric_name(self, given: str, path: str) -> str | None:
        """The metric's own name; None, and a problem, for an unknown one."""
        name = given.upper()
        if name in METRICS:
            return name
        what = Words("指标（metric）", "metric")
        unknown_name(self._reading, path, given, what, list(METRICS))
        return None

    def base_name(self, metric: str, given: str, path: str) -> str:
        """The base's own name, with a problem for one that the metric has not."""
        known = [base.value for base in bases_of(metric)]
        if given.upper() not in known:
            what = Words(f"{metric} 的口径", f"base of {metric}")
            unknown_name(self._reading, path, given, what, known)
        return given.upper()

    def _only_one(self, given: Struct, names: tuple[str, ...]) -> str | None:
        """Which of ``names`` is written; a problem for none or several."""
        written = [name for name in names if getattr(given, name) not in (None, False)]
        if len(written) == 1:
            return written[0]
        if not written and self._reading.hurt(self._reading.path_of(given)):
            return None
        choice = "、".join(names)
        detail = (
            Words(f"同时写了 {'、'.join(written)}", f"{', '.join(written)} stand together")
            if written
            else Words("没有写值", "there is no value")
        )
        self._parent._clash(  # noqa: SLF001
            self._reading.path_of(given),
            detail,
            Words(f"只写其中一项：{choice}", f"write one of: {choice}"),
        )
        return None

    def _number(
        self, given: d.TargetValue | d.ActualGiven, flat: _Flat
    ) -> tuple[Decimal, str] | None:
        text = given.value or ""
        unit = given.unit or ("%" if text.endswith("%") else None) or self._unit(flat)
        digits = text.removesuffix("%").rstrip()
        if unit is None:
            path = self._reading.path_of(given) or self._reading.path_of(flat.row)
            self._reading.report_at(path, UNIT_MISSING, text=digits)
            return None
        return Decimal(digits), unit

    def _unit(self, flat: _Flat) -> str | None:
        target = flat.template.target if flat.template and flat.exact else None
        return flat.row.unit or getattr(target, "unit", None)

    def _target(self, flat: _Flat) -> i.Target | None:
        given = flat.row.target
        if given is None:
            return None
        match self._only_one(given, ("value", "date", "text")):
            case "value":
                number = self._number(given, flat)
                return i.NumberTarget(*number) if number else None
            case "date" if given.date is not None:
                return i.DateTarget(given.date)
            case "text" if given.text is not None:
                return i.TextTarget(given.text, given.unit or flat.row.unit)
            case _:
                return None

    def _actual(self, flat: _Flat) -> i.Actual | None:
        given = flat.row.actual
        if given is None:
            return None
        names = ("value", "date", "label", "items", "text", "not_applicable")
        match self._only_one(given, names):
            case "value":
                number = self._number(given, flat)
                return i.NumberActual(*number) if number else None
            case "date" if given.date is not None:
                return i.DateActual(given.date)
            case "label" if given.label is not None:
                return i.LabelActual(given.label, given.chosen)
            case "items" if given.items is not None:
                return i.ItemsActual(self._items(given.items, flat))
            case "text" if given.text is not None:
                return i.TextActual(given.text, given.unit or flat.row.unit)
            case "not_applicable":
                return i.NotApplicable()
            case _:
                return None

    def _items(self, given: tuple[str, ...], flat: _Flat) -> tuple[str, ...]:
        path = f"{self._reading.path_of(flat.row)}.actual.items"
        name = flat.row.rule or (flat.template.rule if flat.template else None)
        rule = self._rules.rules.get(name) if self._rules and name else None
        if not isinstance(rule, Checklist):
            self._parent._clash(  # noqa: SLF001
                path,
                Words("这一行的规则没有条目", "the rule of this row has no items"),
                Words(
                    "条目只用于 CHECKLIST 规则；核对 rule", "items go with CHECKLIST; check `rule`"
                ),
            )
            return given
        known = [item.id for item in rule.items]
        if given == ("*",):
            return tuple(known)
        for item in given:
            if item not in known:
                what = Words(f"条目（规则 {name}）", f"item of the rule {name}")
                unknown_name(self._reading, path, item, what, known)
        return given

    # ----------------------------------------------------------------------------------- figures

    def _figure_entries(self) -> Iterator[tuple[object, c.Entry]]:
        it = self._it
        fact = f.FiguresDeclared(
            figures=tuple(self._figures()),
            rates=tuple(self._rates()),
            breakdowns=tuple(self._breakdown(one) for one in it.breakdowns),
            tasks=tuple(self._task(one) for one in it.tasks),
        )
        if fact != f.FiguresDeclared():
            source = Place(self._document, it.place, bool(it.table)) if it.place else None
            yield it, c.Entry(fact=fact, source=source)

    def _figures(self) -> Iterator[f.DeclaredFigure]:
        order = list(Quantity)
        for quantity in sorted(self._it.figures, key=order.index):
            same = self._it.figures[quantity]
            if sum(figure.counts for figure in same) > 1:
                self._reading.report_at(
                    f"{self._path}.figures.{quantity.value}",
                    SEVERAL_COUNT,
                    quantity=quantity.value,
                )
            for figure in same:
                yield f.DeclaredFigure(
                    quantity=quantity.value,
                    printed=self._money(figure.value, figure.unit, self._reading.path_of(figure)),
                    place=self._place(figure),
                    counts=figure.counts,
                )

    def _money(self, text: str, unit: str | None, path: str) -> Printed:
        printed = Printed(text, unit or self._amount_unit)
        self._parent.fen(printed, path)
        return printed

    def _rates(self) -> Iterator[f.DeclaredRate]:
        for rate in self._it.rates:
            path = self._reading.path_of(rate)
            name = self.metric_name(rate.metric, f"{path}.metric")
            if name is None:
                continue
            base = self.base_name(name, rate.base, f"{path}.base") if rate.base else None
            printed = _share(rate.value, rate.unit)
            place = self._place(rate)
            yield f.DeclaredRate(metric=name, base=base, printed=printed, place=place)

    def _breakdown(self, given: d.BreakdownOf) -> f.Breakdown:
        return f.Breakdown(
            quantity=given.quantity.value,
            by=given.by,
            parts=tuple(
                f.Part(
                    part.name,
                    self._money(part.value, given.unit, self._reading.path_of(part)),
                    part.code,
                )
                for part in given.parts
            ),
            place=self._place(given),
        )

    def _task(self, given: d.Task) -> f.TaskLine:
        path = self._reading.path_of(given)

        def money(text: str | None, key: str) -> Printed | None:
            return None if text is None else self._money(text, given.unit, f"{path}.{key}")

        return f.TaskLine(
            name=given.name,
            approved=money(given.approved, "approved"),
            actual=money(given.actual, "actual"),
            rate=None if given.rate is None else _share(given.rate, ""),
            place=self._place(given),
        )

    # ---------------------------------------------------------------- actual values, scores, rest

    def _evidence_entries(self, rows: list[_Flat]) -> Iterator[tuple[object, c.Entry]]:
        first: dict[str, tuple[d.Evidence, list[str]]] = {}
        for flat in rows:
            for given in flat.row.evidence:
                known, lines = first.setdefault(given.sha256, (given, []))
                if known != given:
                    self._reading.report_at(
                        self._reading.path_of(given),
                        TWICE,
                        what=Words("佐证材料", "evidence"),
                        name=given.sha256[:12],
                        before=self._reading.at(self._reading.path_of(known)),
                        hint=Words(
                            "同一份材料各处写法须一致", "write the same file alike everywhere"
                        ),
                    )
                if flat.line not in lines:
                    lines.append(flat.line)
        for given, lines in first.values():
            fact = f.EvidenceAttached(
                sha256=given.sha256,
                size=given.size,
                media_type=given.media_type,
                title=given.title,
                document=given.document_number,
                lines=tuple(lines),
            )
            yield given, c.Entry(fact=fact)

    def _actual_entries(self, rows: list[_Flat]) -> Iterator[tuple[object, c.Entry]]:
        for flat in rows:
            actual = self._actual(flat)
            if actual is not None:
                fact = f.ActualEntered(line=flat.line, actual=actual, evidence=_digests(flat))
                yield flat.row, c.Entry(fact=fact, source=self._source(flat, flat.row.actual))

    def _source(self, flat: _Flat, given: d.ActualGiven | d.ReasonGiven | None) -> Place | None:
        if given is not None and given.place is not None:
            return self._place(given)
        if flat.row.place is None and self._it.place is None:
            return None
        return self._row_place(flat)

    def _score_entries(self, rows: list[_Flat]) -> Iterator[tuple[object, c.Entry]]:
        for flat in rows:
            if flat.row.score is not None:
                line_score = f.ScoreDeclared(
                    subject=f.Subject.LINE,
                    line=flat.line,
                    points=flat.row.score,
                    place=self._row_place(flat),
                )
                yield flat.row, self._declared(line_score)
        for group in self._it.groups:
            group_score = f.ScoreDeclared(
                subject=f.Subject.GROUP,
                path=group.path,
                points=group.score,
                max_points=group.max_points,
                place=self._place(group, suffix=group.path[-1]),
                reason=group.reason,
            )
            self._check_group(group, rows)
            yield group, self._declared(group_score)
        for total in self._it.totals:
            total_score = f.ScoreDeclared(
                subject=f.Subject.TOTAL,
                points=total.score,
                max_points=total.max_points,
                place=self._place(total, suffix="总分"),
                reason=total.reason,
            )
            yield total, self._declared(total_score)
        for grade in self._it.grade:
            place = self._place(grade, suffix="等级")
            declared = f.ScoreDeclared(subject=f.Subject.GRADE, grade=grade.grade, place=place)
            yield grade, self._declared(declared)

    def _declared(self, fact: f.ScoreDeclared) -> c.Entry:
        return c.Entry(fact=fact, source=fact.place)

    def _check_group(self, group: d.GroupScore, rows: list[_Flat]) -> None:
        size = len(group.path)
        if rows and not any(flat.path[:size] == group.path for flat in rows):
            path = f"{self._reading.path_of(group)}.path"
            known = ["/".join(part) for part in dict.fromkeys(flat.path[:size] for flat in rows)]
            what = Words("一级、二级指标", "level with rows")
            name = "/".join(group.path)
            unknown_name(self._reading, path, name, what, known)

    def _reason_entries(self, rows: list[_Flat]) -> Iterator[tuple[object, c.Entry]]:
        for flat in rows:
            row = flat.row
            # Evidence without an actual value bears the reason; with one, both.
            alone = bool(row.evidence) and row.actual is None
            if row.reason is None and row.measure is None and not alone:
                continue
            fact = f.DeductionJustified(
                line=flat.line,
                reason=row.reason.text if row.reason else None,
                measure=row.measure,
                evidence=_digests(flat),
            )
            yield row, c.Entry(fact=fact, source=self._source(flat, row.reason))

    def _problems(self) -> list[Step]:
        entries: list[c.Remark] = []
        places: list[str] = []
        measures = 0
        for number, problem in enumerate(self._it.problems, start=1):
            place = None
            if problem.place is not None or self._it.place is not None:
                place = self._place(problem)
            entries.append(f.ProblemNoted(number=number, text=problem.text, place=place))
            places.append(self._reading.place(self._reading.path_of(problem)))
            for measure in problem.measures:
                measures += 1
                entries.append(
                    f.MeasurePlanned(
                        problem=number, number=measures, text=measure.text, due=measure.due
                    )
                )
                places.append(self._reading.place(self._reading.path_of(measure)))
        if not entries:
            return []
        command = c.Note(form=self._id, entries=tuple(entries))
        return [self._step("problems", command, _entries(places))]


def _entries(places: Iterable[str]) -> dict[str, str]:
    return {f"entries[{index}]": place for index, place in enumerate(places)}


def _digests(flat: _Flat) -> tuple[str, ...]:
    return tuple(dict.fromkeys(given.sha256 for given in flat.row.evidence))


def _share(text: str, unit: str) -> Printed:
    digits = text.removesuffix("%").rstrip()
    return Printed(digits, "%" if digits != text else unit)


def _or(given: _T | None, lent: _T | None) -> _T | None:
    return lent if given is None else given
