"""A year under other rules."""

from collections.abc import Mapping

from api import differing
from api.cli.reader import Reader
from api.cli.replay.telling import graded, progress
from api.output import Output, number, points, text, word, write_json
from projections import replay as r


def show_under(
    reader: Reader, year: int, upto: Mapping[str, int], wanted: str, *, as_json: bool
) -> None:
    """Show the year under other rules: who gains and loses, and the lines not covered."""
    rules = differing.rule_set_named(reader.liuhen, wanted, "--rule-set").rule_set
    logs = list(upto)
    with progress(reader.out, len(logs)) as done:
        found = r.under(
            reader.store, year, rules, upto, lambda log_id, _nth, _of: done(logs.index(log_id))
        )
    if as_json:
        write_json(found)
        return
    out = reader.out
    out.heading(
        out.words(
            f"{year} 年度若按 {found.name} {found.version} 计分",
            f"{year} as it would be under {found.name} {found.version}",
        )
    )
    out.table(
        [
            text("自评", "evaluation", ratio=5),
            number("现", "then"),
            number("若", "would be"),
            number("差", "difference"),
            word("等级", "grade"),
            number("人工", "by hand", above=100),
            number("未覆盖", "not covered"),
        ],
        [
            (
                one.form,
                points(one.then, "—"),
                points(one.would, "—"),
                points(one.difference, "—"),
                f"{one.grade_then or '—'}→{one.grade_would or '—'}",
                str(one.by_hand),
                str(len(one.uncovered)),
            )
            for one in found.forms
        ],
    )
    _summary(out, found)
    _uncovered(out, found)


def _summary(out: Output, found: r.YearUnder) -> None:
    then, would = (graded(out, grades) or "—" for grades in (found.grades_then, found.grades_would))
    out.pairs(
        [
            (out.words("可比", "compared"), str(found.compared)),
            (out.words("得分增加", "gain"), str(found.gain)),
            (out.words("得分减少", "lose"), str(found.lose)),
            (out.words("不变", "the same"), str(found.same)),
            (
                out.words("可比的平均", "mean of those compared"),
                f"{points(found.mean_then, '—')} → {points(found.mean_would, '—')}",
            ),
            (out.words("等级分布", "grades"), f"{then} → {would}"),
        ]
    )


def _uncovered(out: Output, found: r.YearUnder) -> None:
    rows = [
        (form.form, f"{line.line} {line.path[-1]}", line.rule or "—", out.of(line.why))
        for form in found.forms
        for line in form.uncovered
    ]
    if rows:
        out.heading(
            out.words(
                "这些规则没有覆盖的行，得分不变", "Lines not covered, which keep their points"
            )
        )
        out.table(
            [
                text("自评", "evaluation", ratio=4),
                text("指标", "indicator", ratio=4),
                text("规则", "rule", ratio=2),
                text("原因", "why", ratio=4),
            ],
            rows,
        )
