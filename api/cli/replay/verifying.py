"""A year verified: told, or filed as a document."""

from collections.abc import Mapping
from pathlib import Path

from api import filing
from api.cli.exporting import put_file
from api.cli.reader import Reader
from api.cli.replay.telling import progress
from api.labels import words_of
from api.output import Output, number, shorten, text, word, write_json
from projections.verification import Verification, verify


def check(
    reader: Reader, year: int, upto: Mapping[str, int], output: Path | None, *, as_json: bool
) -> int:
    """Verify the year and tell, or file, what was found; the exit status."""
    liuhen, out = reader.liuhen, reader.out
    logs = list(upto)
    with progress(out, len(logs)) as done:
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
                    out.of(one.words),
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
