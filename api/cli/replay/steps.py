"""A year step by step."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from rich.text import Text

from api import replaying
from api.cli.reader import Reader
from api.cli.replay.telling import graded, progress
from api.labels import fact_words, words_of
from api.output import Output, number, points, text, word, write_rows
from projections import replay as r

_FORMS_SHOWN = 5
_AT_ONCE = 500
_COLUMNS = (
    word("步", "step"),
    number("年初", "initial"),
    number("全年", "adjusted"),
    number("执行", "spent"),
    text("自评的状态", "forms", ratio=4),
    number("平均", "mean"),
    text("等级", "grades", ratio=2, above=110),
    text("本步的事实", "facts", ratio=5),
    text("本步有变的自评", "forms that moved", ratio=6, above=100),
)


def show_steps(
    reader: Reader, year: int, upto: Mapping[str, int], stride: r.Stride, *, as_json: bool
) -> None:
    """Replay the year and show each step as it is reached, however many there are."""
    batches = _batches(reader, year, upto, stride)
    ends: list[r.End] = []

    def steps_of(batch: Sequence[r.Step | r.End]) -> list[r.Step]:
        ends.extend(one for one in batch if isinstance(one, r.End))
        return [one for one in batch if isinstance(one, r.Step)]

    if as_json:
        told = (replaying.told(one) for batch in batches for one in steps_of(batch))
        write_rows("steps", told, lambda: {"end": ends[0]})
        return
    out = reader.out
    out.heading(out.words(f"{year} 年度回放", f"Replay of {year}"))
    for batch in batches:
        if steps := steps_of(batch):
            out.table(_COLUMNS, [_row(out, one) for one in steps])
    for one in ends:
        at = out.join(f"{log_id} #{position}" for log_id, position in one.positions.items())
        out.line(
            out.words(
                f"共 {one.count} 条事实，{one.steps} 步；金额单位万元；平均后括号内为有总分的份数。"
                f"读至 {at}。",
                f"{one.count} facts, {one.steps} steps; amounts in 10,000 yuan; beside the mean, "
                f"of how many it is. Read to {at}.",
            )
        )


def _batches(
    reader: Reader, year: int, upto: Mapping[str, int], stride: r.Stride
) -> Iterator[list[r.Step | r.End]]:
    """The steps and the end, as many at once as are shown together. The bar is there while they are
    made, and gone when they are shown.
    """
    reached = dict.fromkeys(upto, 0)

    def told(log_id: str, position: int) -> None:
        reached[log_id] = position
        bar(sum(reached.values()))

    going = r.replay(reader.store, year, stride, upto, told)
    while True:
        with progress(reader.out, sum(upto.values())) as bar:
            batch = list(islice(going, _AT_ONCE))
        if not batch:
            return
        yield batch


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
