"""A year step by step."""

from collections.abc import Mapping

from rich.text import Text

from api import replaying
from api.cli.replay.telling import graded, progress
from api.cli.session import Reader
from api.labels import fact_words, words_of
from api.output import Output, number, points, text, word, write_json
from projections import replay as r

_FORMS_SHOWN = 5


def show_steps(
    reader: Reader, year: int, upto: Mapping[str, int], stride: r.Stride, *, as_json: bool
) -> None:
    """Replay the year and show each step."""
    reached = dict.fromkeys(upto, 0)
    steps: list[r.Step | r.End] = []
    with progress(reader.out, sum(upto.values())) as done:

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
        graded(out, one.grades),
        facts,
        "\n".join(moved),
    )


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
