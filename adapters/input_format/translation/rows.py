"""The rows of a form, each with its whole path and what its rule set's template lends it."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from msgspec import Struct

from adapters.input_format import document as d
from adapters.input_format.problems import MISSING_KEY, TWICE
from adapters.input_format.shapes import unknown_name
from adapters.input_format.translation.ground import FormGround
from domain.facts.envelope import Place
from domain.scoring import indicators as i
from domain.scoring.metrics import MetricName, bases_of
from domain.values import Words

_DEEPEST = 3
_T = TypeVar("_T")


class Flat(Struct, frozen=True):
    """A row with its whole path, its line id and the template for it; ``exact`` tells that the
    template is of this very row, not of a level above.
    """

    row: d.Row
    path: tuple[str, ...]
    line: str
    template: i.Indicator | None
    exact: bool

    @property
    def whole(self) -> i.Indicator | None:
        """The template of this very row."""
        return self.template if self.exact else None

    @property
    def rule(self) -> str | None:
        """The name of its rule."""
        return _or(self.row.rule, self.template.rule if self.template else None)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The digests of what bears it."""
        return tuple(dict.fromkeys(given.sha256 for given in self.row.evidence))


def _or(given: _T | None, lent: _T | None) -> _T | None:
    return lent if given is None else given


def row_place(form: FormGround, flat: Flat) -> Place:
    """Where a row is printed."""
    return form.place(flat.row, suffix=flat.path[-1])


def flatten(form: FormGround) -> list[Flat]:
    """The rows of a form; line ids and paths are held unique."""
    flat: list[Flat] = []
    _flatten(form, form.it.lines, (), flat)
    _once(form, flat, lambda one: one.line, "line", Words("行号", "line"))
    _once(form, flat, lambda one: one.path, "path", Words("指标", "indicator"))
    return flat


def _flatten(
    form: FormGround, rows: Iterable[d.Row], above: tuple[str, ...], flat: list[Flat]
) -> None:
    for row in rows:
        path = (*above, *row.path)
        if row.lines:
            _only_a_level(form, row)
            _flatten(form, row.lines, path, flat)
            continue
        if not 1 <= len(path) <= _DEEPEST:
            form.ground.clash(
                f"{form.ground.path(row)}.path",
                Words(f"指标有 {len(path)} 级名称", f"the indicator has {len(path)} level names"),
                Words("写一至三级名称", "give one to three level names"),
            )
        template = _template(form, path)
        exact = template is not None and template.path == path
        flat.append(Flat(row, path, row.line or str(len(flat) + 1), template, exact))


def _only_a_level(form: FormGround, row: d.Row) -> None:
    own = [
        name
        for name in row.__struct_fields__
        if name not in {"path", "lines", "place", "table", "printed"}
        and getattr(row, name) not in (None, ())
    ]
    if own:
        form.ground.clash(
            f"{form.ground.path(row)}.{own[0]}",
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
    form: FormGround, rows: list[Flat], key_of: Callable[[Flat], Hashable], key: str, what: Words
) -> None:
    seen: dict[Hashable, str] = {}
    for one in rows:
        name = key_of(one)
        here = form.ground.path(one.row)
        if name in seen:
            form.reading.report_at(
                f"{here}.{key}",
                TWICE,
                what=what,
                name="/".join(name) if isinstance(name, tuple) else name,
                before=form.reading.at(seen[name]),
                hint=Words("删去一行，或改名", "delete one row, or rename it"),
            )
        seen.setdefault(name, here)


def _template(form: FormGround, path: tuple[str, ...]) -> i.Indicator | None:
    """The template with the longest path that ``path`` begins with."""
    templates = form.rules.templates if form.rules else ()
    above = [one for one in templates if one.path == path[: len(one.path)]]
    return max(above, key=lambda one: len(one.path), default=None)


def indicator(form: FormGround, flat: Flat, target: i.Target | None) -> i.Indicator:
    """A row as the form owns it; what it leaves out comes from its template."""
    row, template, whole = flat.row, flat.template, flat.whole
    _check_rule(form, flat)
    return i.Indicator(
        line=flat.line,
        path=flat.path,
        max_points=_or(row.max_points, whole.max_points if whole else None),
        operator=_or(row.operator, template.operator if template else None),
        target=target or (whole.target if whole else None),
        metric=_or(_metric(form, row), whole.metric if whole else None),
        rule=flat.rule,
        printed=row.printed and (whole.printed if whole else True),
    )


def _check_rule(form: FormGround, flat: Flat) -> None:
    name, path = flat.row.rule, f"{form.ground.path(flat.row)}.rule"
    if name is None:
        return
    if form.rules is None:
        given = form.it.rule_set or form.ground.it.rule_set
        if given is None and not form.reading.hurt(form.ground.under("rule_set")):
            form.ground.clash(
                path,
                Words(f"没有规则集，无从找到规则“{name}”", f"no rule set to find {name!r} in"),
                Words("写明 rule_set，或删去 rule", "name a `rule_set`, or drop `rule`"),
            )
    elif name not in form.rules.rules:
        what = Words(
            f"评分规则（规则集 {form.rules.name}）", f"rule in the rule set {form.rules.name}"
        )
        unknown_name(form.reading, path, name, what, list(form.rules.rules))


def _metric(form: FormGround, row: d.Row) -> i.MetricRef | None:
    path = form.ground.path(row)
    if row.metric is None:
        if row.base is not None and not form.reading.hurt(f"{path}.metric"):
            form.reading.report_at(path, MISSING_KEY, key="metric", about="口径所属的指标")
        return None
    base = base_of(form, row.metric, row.base, f"{path}.base") or bases_of(row.metric)[0].value
    return i.MetricRef(row.metric.value, base)


def base_of(form: FormGround, metric: MetricName, given: str | None, path: str) -> str | None:
    """The base's own name, by identifier or Chinese words; a problem for one it has not."""
    if given is None:
        return None
    known = bases_of(metric)
    for base in known:
        if given.casefold() in {base.value.casefold(), base.words.zh}:
            return base.value
    what = Words(f"{metric.value} 的口径", f"base of {metric.value}")
    names = [name for base in known for name in (base.value, base.words.zh)]
    unknown_name(form.reading, path, given, what, names)
    return given
