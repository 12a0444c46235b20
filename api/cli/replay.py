"""``liuhen replay``: a year step by step, verified, or under other rules."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from api import differing, filing, replaying
from api.cli.exporting import put_file
from api.cli.naming import choose
from api.cli.options import AsJson, AsOf, EffectiveOn, Log
from api.cli.session import Reader, session_of
from api.cli.speech import both
from api.labels import fact_words, words_of
from api.output import Output, number, points, shorten, text, word, write_json
from domain.problems import Gathered, kind
from projections import replay as r
from projections.verification import Verification, verify

TWO_REPLAYS = kind(
    "replay.two-at-once",
    422,
    zh="--verify、--rule-set 只能写一个，--output 只随 --verify",
    en="give --verify or --rule-set, not both; --output goes with --verify only",
    do_zh="分两次运行",
    do_en="run them one after the other",
)
VERIFIED_NOW = kind(
    "replay.verified-now",
    422,
    zh="--verify 核验现在存储的一切，不问过去的时点",
    en="--verify checks everything that is stored now, and no moment of the past",
    do_zh="去掉 --as-of；要看当时的情况，去掉 --verify",
    do_en="leave out --as-of; for how it stood then leave out --verify",
)
_FORMS_SHOWN = 5


def replay(
    ctx: typer.Context,
    year: Annotated[
        int,
        typer.Argument(
            metavar=both("年度", "YEAR"),
            help=both("财政年度。", "Fiscal year."),
            min=1900,
            max=2099,
        ),
    ],
    *,
    log: Log = None,
    step: Annotated[
        str,
        typer.Option(
            "--step",
            metavar="fact|day|month",
            help=both("每步多远：逐条、逐日、逐月。", "How far each step goes."),
        ),
    ] = "day",
    check: Annotated[
        bool,
        typer.Option(
            "--verify",
            help=both(
                "核验：重算每个存储的得分，逐行逐列比较每个视图；有差异时退出码为 1。",
                "Work out every stored score again and compare every view with a rebuild; the exit "
                "status is 1 where anything differs.",
            ),
        ),
    ] = False,
    rule_set: Annotated[
        str | None,
        typer.Option(
            "--rule-set",
            metavar=both("规则集", "RULES"),
            help=both(
                "若按另一规则集（名称或 名称@版本）计分会如何：谁多谁少，哪些行没有规则；什么也不写。",
                "What it would be under other rules (name or name@version): who gains and loses, "
                "which lines they do not cover. Nothing is written.",
            ),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar=both("文件", "FILE"),
            help=both(
                "把核验写成可归档的文档：.json、.md 或 .html。",
                "File the verification as a document: .json, .md or .html.",
            ),
        ),
    ] = None,
    as_of: AsOf = None,
    effective_on: EffectiveOn = None,
    as_json: AsJson = False,
) -> int:
    """Replay a year."""
    asked = Gathered()
    if check and as_of is not None:
        asked.problems.append(VERIFIED_NOW.at("--as-of"))
    if (check and rule_set is not None) or (output is not None and not check):
        asked.problems.append(TWO_REPLAYS.at("--verify"))
    if output is not None:
        asked.take(lambda: filing.require_ending(output))
    stride = asked.take(lambda: choose(r.Stride, step, "--step")) or r.Stride.DAY

    def named(reader: Reader) -> None:
        if rule_set is not None:
            differing.rule_set_named(reader.liuhen, rule_set, "--rule-set")

    session = session_of(ctx)
    looks = (
        lambda one: one.recorded_only("回放", "replays"),
        lambda one: one.scope(log=log),
        named,
    )
    with session.open(as_of, effective_on, asked, *looks) as reader:
        upto = replaying.logs_of(reader.liuhen, log, reader.moment)
        if check:
            return _verify(reader, year, upto, output, as_json=as_json)
        if rule_set is not None:
            _under(reader, year, upto, rule_set, as_json=as_json)
        else:
            _steps(reader, year, upto, stride, as_json=as_json)
        return 0


@contextmanager
def _progress(out: Output, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, where it is a terminal, told how much is done in all."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(out.words("回放", "replaying"), total=total)
        yield lambda done: bar.update(task, completed=done)


# ------------------------------------------------------------------------------------ step by step


def _steps(
    reader: Reader, year: int, upto: Mapping[str, int], stride: r.Stride, *, as_json: bool
) -> None:
    reached = dict.fromkeys(upto, 0)
    steps: list[r.Step | r.End] = []
    with _progress(reader.out, sum(upto.values())) as done:

        def told(log_id: str, position: int) -> None:
            reached[log_id] = position
            done(sum(reached.values()))

        steps += r.replay(reader.store, year, stride, upto, told)
    if as_json:
        end = steps[-1]
        write_json({"steps": [replaying.told(one) for one in steps[:-1]], "end": end})
        return
    out = reader.out
    out.heading(out.words(f"{year} 年度回放", f"Replay of {year}"))
    out.table(
        [
            word("步", "step"),
            number("年初", "initial"),
            number("全年", "adjusted"),
            number("执行", "spent"),
            text("自评的状态", "forms", ratio=4),
            number("平均", "mean"),
            text("等级", "grades", ratio=2, above=110),
            text("本步的事实", "facts", ratio=5),
            text("本步有变的自评", "forms that moved", ratio=6, above=100),
        ],
        [_row(out, one) for one in steps if isinstance(one, r.Step)],
    )
    for one in steps:
        if isinstance(one, r.End):
            at = out.join(f"{log_id} #{position}" for log_id, position in one.positions.items())
            out.line(
                out.words(
                    f"共 {one.count} 条事实，{one.steps} 步；金额单位万元；平均后括号内为有总分的份数。"
                    f"读至 {at}。",
                    f"{one.count} facts, {one.steps} steps; amounts in 10,000 yuan; beside the mean, "
                    f"of how many it is. Read to {at}.",
                )
            )


def _row(out: Output, one: r.Step) -> tuple[str | Text, ...]:
    forms = out.join(f"{out.of(words_of(status))} {n}" for status, n in one.forms.items())
    facts = out.join(f"{out.of(fact_words(kind))} {n}" for kind, n in one.facts.items())
    moved = [f"{move.form} {_moved(out, move)}" for move in one.moved[:_FORMS_SHOWN]]
    rest = len(one.moved) - len(moved)
    if rest:
        moved.append(out.words(f"另有 {rest} 份", f"and {rest} more"))
    return (
        one.label,
        out.money(one.initial_fen),
        out.money(one.adjusted_fen),
        out.money(one.spent_fen),
        forms,
        points(one.mean, "—") + (f" ({one.scored})" if one.scored else ""),
        _graded(out, one.grades),
        facts,
        "\n".join(moved),
    )


def _graded(out: Output, grades: Mapping[str, int]) -> str:
    return out.join(f"{grade or out.words('无', 'none')} {n}" for grade, n in grades.items())


def _moved(out: Output, move: r.FormMoved) -> str:
    before, after = move.before, move.after
    said = []
    if before is None or before.status != after.status:
        said.append(out.of(words_of(after.status)))
    if after.total != (before.total if before else None):
        then = points(before.total, "—") if before else "—"
        said.append(f"{then}→{points(after.total, '—')}")
    if after.grade != (before.grade if before else None):
        said.append(f"{(before.grade if before else None) or '—'}→{after.grade or '—'}")
    return out.join(said)


# ------------------------------------------------------------------------------------ verification


def _verify(
    reader: Reader, year: int, upto: Mapping[str, int], output: Path | None, *, as_json: bool
) -> int:
    liuhen, out = reader.liuhen, reader.out
    logs = list(upto)
    with _progress(out, len(logs)) as done:
        found = verify(
            liuhen.store,
            liuhen.views,
            year,
            upto,
            now=liuhen.clock,
            told=lambda log_id, _nth, _of: done(logs.index(log_id)),
        )
    if output is not None:
        put_file(output, [filing.document(found, output.suffix, out.lang).encode()])
    if as_json:
        write_json(filing.filed(found))
    else:
        _tell(out, found)
    return 0 if found.consistent else 1


def _tell(out: Output, found: Verification) -> None:
    if found.consistent:
        out.line(out.words("一致", "Consistent"), style="bold green")
    else:
        count = len(found.discrepancies)
        out.line(out.words(f"差异 {count} 处", f"{count} differences"), style="bold red")
        out.table(
            [
                word("种类", "what"),
                text("何处", "where", ratio=4),
                text("哪个数", "figure", ratio=5),
                text("存储", "stored", ratio=3),
                text("重算", "recomputed", ratio=3),
                number("位置", "position"),
            ],
            [
                (
                    words_of(one.check),
                    one.where,
                    one.what,
                    one.stored or "—",
                    one.recomputed or "—",
                    str(one.position or "—"),
                )
                for one in found.discrepancies
            ],
        )
    for log in found.logs:
        out.line(
            out.words(
                f"日志 {log.log_id}：核验至位置 {log.position}（末条 {log.head}，叶子 "
                f"{shorten(log.head_leaf)}），单位 {log.unit_years}，自评 {log.forms}，事实 "
                f"{log.facts}，得分 {log.scores}，视图 {log.rows} 行 {log.figures} 个数。",
                f"Log {log.log_id}: checked to position {log.position} (head {log.head}, leaf "
                f"{shorten(log.head_leaf)}), {log.unit_years} units, {log.forms} forms, "
                f"{log.facts} facts, {log.scores} scores, {log.rows} rows with {log.figures} "
                "figures.",
            )
        )


# ------------------------------------------------------------------------------------- other rules


def _under(
    reader: Reader, year: int, upto: Mapping[str, int], wanted: str, *, as_json: bool
) -> None:
    rules = differing.rule_set_named(reader.liuhen, wanted, "--rule-set").rule_set
    logs = list(upto)
    with _progress(reader.out, len(logs)) as done:
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
    then, would = (
        _graded(out, grades) or "—" for grades in (found.grades_then, found.grades_would)
    )
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
