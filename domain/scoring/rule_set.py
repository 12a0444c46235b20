"""A rule set: templates, rules, rounding and grade bands of a place and time, as versioned data."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import msgspec
from msgspec import Struct

from domain.problems import Problem, kind
from domain.scoring.indicators import Indicator
from domain.scoring.metrics import bases_of, formula_of
from domain.scoring.rule_checks import check_rounding, check_rule
from domain.scoring.rules import Rule
from domain.values import Rounding, plain


class GradeBand(Struct, frozen=True):
    """A grade and the total from which it is given; the lower bound is inclusive."""

    grade: str
    low: Decimal


class RuleSet(Struct, frozen=True, omit_defaults=True, kw_only=True, dict=True):
    """Everything that turns figures into a score and a grade, at one place and time.

    ``bands`` descend and may be empty: a document that prints a grade without bands has none.
    ``templates`` are rows that a form may take over by path.
    """

    name: str
    version: str
    title: str
    document: str | None = None
    rounding: Rounding = Rounding()
    bands: tuple[GradeBand, ...] = ()
    rules: dict[str, Rule] = {}
    templates: tuple[Indicator, ...] = ()
    total_points: Decimal = Decimal(100)

    @cached_property  # every line that is calculated or looked at asks for it
    def digest(self) -> str:
        """SHA-256, in hex, of the content as canonical JSON.

        Keys are sorted, defaults left out and decimals written plainly, so that equal rule sets
        have equal digests however they were written.
        """
        return hashlib.sha256(msgspec.json.encode(_canonical(self), order="sorted")).hexdigest()

    def grade_of(self, total: Decimal) -> str | None:
        """The grade of ``total``, or None where the rule set gives no bands."""
        for band in sorted(self.bands, key=lambda band: band.low, reverse=True):
            if total >= band.low:
                return band.grade
        return None


def _canonical(value: object) -> object:
    match value:
        case Struct():
            return _canonical_struct(value)
        case Decimal():
            return plain(value) if value.is_finite() else str(value)
        case dict():
            return {str(key): _canonical(part) for key, part in value.items()}
        case tuple():
            return [_canonical(part) for part in value]
        case date():
            return value.isoformat()
        case _:
            return value


def _canonical_struct(value: Struct) -> dict[str, object]:
    content: dict[str, object] = {}
    config = value.__struct_config__
    if config.tag_field is not None:
        content[config.tag_field] = config.tag
    for field in msgspec.structs.fields(value):
        part = getattr(value, field.name)
        default = (
            field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        )
        if default is msgspec.NODEFAULT or part != default:
            content[field.encode_name] = _canonical(part)
    return content


# ------------------------------------------------------------------------------------ checks

BLANK = kind(
    "rule-set.blank",
    422,
    zh="规则集的 {field} 为空",
    en="the rule set's {field} is blank",
    do_zh="填写 {field}",
    do_en="give a {field}",
)
TOTAL_POINTS = kind(
    "rule-set.total-points",
    422,
    zh="满分 {value} 不是大于 0 的数",
    en="the total points {value} are not above 0",
    do_zh="填写满分，通常为 100",
    do_en="give the total points, usually 100",
)
BAND_RANGE = kind(
    "rule-set.band-range",
    422,
    zh="等级“{grade}”的下限 {low} 不在 0 到 {most} 之间",
    en='the low end {low} of the grade "{grade}" is not between 0 and {most}',
    do_zh="更正下限",
    do_en="correct the low end",
)
BAND_ORDER = kind(
    "rule-set.band-order",
    422,
    zh="等级“{grade}”的下限 {low} 不低于前一等级",
    en='the low end {low} of the grade "{grade}" is not below that of the grade before',
    do_zh="按下限从高到低排列，下限不得相同",
    do_en="order the grades from high to low, each low end once",
)
GRADE_TWICE = kind(
    "rule-set.grade-twice",
    422,
    zh="等级“{grade}”出现两次",
    en='the grade "{grade}" stands twice',
    do_zh="删去或改名其中一个",
    do_en="remove or rename one of them",
)
LINE_TWICE = kind(
    "rule-set.line-twice",
    422,
    zh="行“{line}”出现两次",
    en='the line "{line}" stands twice',
    do_zh="给每一行不同的编号",
    do_en="give each row a line of its own",
)
PATH = kind(
    "rule-set.path",
    422,
    zh="指标路径应有一到三级且不为空",
    en="a path has one to three level names, none of them blank",
    do_zh="依次填写一、二、三级指标名称",
    do_en="give the names of the levels, outermost first",
)
RULE_UNKNOWN = kind(
    "rule-set.rule-unknown",
    422,
    zh="规则集中没有名为“{rule}”的规则",
    en='the rule set has no rule "{rule}"',
    do_zh="可用的规则：{known}",
    do_en="rules that it has: {known}",
)
METRIC_UNKNOWN = kind(
    "rule-set.metric-unknown",
    422,
    zh="没有口径为“{base}”的指标“{metric}”",
    en='there is no metric "{metric}" on the base "{base}"',
    do_zh="该指标可用的口径：{bases}",
    do_en="bases of that metric: {bases}",
)
TOO_FINE = kind(
    "rule-set.too-fine",
    422,
    zh="分值 {max_points} 在保留 {places} 位小数时写不出来",
    en="maximum points of {max_points} cannot be written at {places} places",
    do_zh="更正分值，或增加保留的小数位数",
    do_en="correct the maximum points, or round to more places",
)
WEIGHTS_SUM = kind(
    "rule-set.weights-sum",
    422,
    zh="各行分值合计 {sum}，与满分 {total} 不符",
    en="the rows' maximum points sum to {sum}, the total is {total}",
    do_zh="更正分值或满分",
    do_en="correct the maximum points or the total",
)

_MOST_LEVELS = 3


def check_rule_set(rule_set: RuleSet, place: str = "") -> list[Problem]:
    """Everything that is wrong with ``rule_set``, each with its place; empty when it can be used.

    ``place`` goes before each place. The rows' maximum points must sum to ``total_points`` unless
    one of them is not printed. Every rule is checked once alone, and again for each row that
    names it and brings its maximum points.
    """
    at = f"{place}." if place else ""
    problems = [
        BLANK.at(f"{at}{field}", field=field)
        for field in ("name", "version", "title")
        if not getattr(rule_set, field).strip()
    ]
    total = rule_set.total_points
    if not (total.is_finite() and total > 0):
        problems.append(TOTAL_POINTS.at(f"{at}total_points", value=total))
    problems += check_rounding(rule_set.rounding, f"{at}rounding")
    problems += _check_bands(rule_set, at)
    for name, rule in rule_set.rules.items():
        problems += check_rule(rule, None, f"{at}rules.{name}")
    problems += check_rows(rule_set, rule_set.templates, f"{at}templates")
    weights = [row.max_points for row in rule_set.templates if row.max_points is not None]
    if weights and len(weights) == len(rule_set.templates) and _finite(total, *weights):
        whole = sum(map(Fraction, weights), Fraction(0))
        if whole != total:
            at = f"{at}templates"
            problems.append(WEIGHTS_SUM.at(at, sum=plain(whole), total=plain(total)))
    return problems


def check_rows(rule_set: RuleSet, rows: Sequence[Indicator], place: str) -> list[Problem]:
    """What is wrong with rows that are to be scored by ``rule_set``; ``place`` names the list."""
    problems = []
    lines = Counter(row.line for row in rows)
    seen: set[str] = set()
    for index, row in enumerate(rows):
        at = f"{place}[{index}]"
        if row.line in seen or not row.line.strip():
            problems.append(
                LINE_TWICE.at(f"{at}.line", line=row.line)
                if lines[row.line] > 1
                else BLANK.at(f"{at}.line", field="line")
            )
        seen.add(row.line)
        if not 1 <= len(row.path) <= _MOST_LEVELS or not all(name.strip() for name in row.path):
            problems.append(PATH.at(f"{at}.path"))
        problems += _check_row_rule(rule_set, row, at)
        metric = row.metric
        if metric is not None and formula_of(metric.metric, metric.base) is None:
            bases = ", ".join(bases_of(metric.metric)) or "—"
            problems.append(
                METRIC_UNKNOWN.at(
                    f"{at}.metric", metric=metric.metric, base=metric.base, bases=bases
                )
            )
    return problems


def _check_row_rule(rule_set: RuleSet, row: Indicator, at: str) -> list[Problem]:
    problems: list[Problem] = []
    rule = rule_set.rules.get(row.rule) if row.rule is not None else None
    if row.rule is not None and rule is None:
        known = "、".join(rule_set.rules) or "—"
        problems.append(RULE_UNKNOWN.at(f"{at}.rule", rule=row.rule, known=known))
    if rule is not None and row.max_points is not None:
        alone = {problem.place for problem in check_rule(rule, None, f"{at}.rule")}
        problems += [
            problem
            for problem in check_rule(rule, row.max_points, f"{at}.rule")
            if problem.place not in alone  # told once, where the rule stands
        ]
    rounding = (rule.modifiers.rounding if rule is not None else None) or rule_set.rounding
    if row.max_points is not None and not _writable(row.max_points, rounding):
        points = plain(row.max_points)
        problems.append(TOO_FINE.at(f"{at}.max_points", max_points=points, places=rounding.places))
    return problems


def _writable(points: Decimal, rounding: Rounding) -> bool:
    """Whether full points survive the rounding; a fault of either is told elsewhere."""
    if check_rounding(rounding, "") or not points.is_finite():
        return True
    scaled: Fraction = Fraction(points) * 10**rounding.places
    return scaled.denominator == 1


def _check_bands(rule_set: RuleSet, at: str) -> list[Problem]:
    problems = []
    total = rule_set.total_points
    above: Decimal | None = None
    for index, band in enumerate(rule_set.bands):
        place = f"{at}bands[{index}]"
        if not band.low.is_finite() or (total.is_finite() and not 0 <= band.low <= total):
            problems.append(
                BAND_RANGE.at(f"{place}.low", grade=band.grade, low=band.low, most=total)
            )
        elif above is not None and band.low >= above:
            problems.append(BAND_ORDER.at(f"{place}.low", grade=band.grade, low=plain(band.low)))
        else:
            above = band.low
        if not band.grade.strip():
            problems.append(BLANK.at(f"{place}.grade", field="grade"))
        elif band.grade in {before.grade for before in rule_set.bands[:index]}:
            problems.append(GRADE_TWICE.at(f"{place}.grade", grade=band.grade))
    return problems


def _finite(*values: Decimal) -> bool:
    return all(value.is_finite() for value in values)
