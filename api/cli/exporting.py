"""Options that pages and files share, and writing a file from the command line."""

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from api.cli.reader import Reader
from api.cli.speech import both
from api.exporting import FORMATS, Export
from api.output import Output
from api.questions import MOST, USUAL, Questions
from domain.problems import Rejected, kind

XLSX_NEEDS_FILE = kind(
    "option.output-missing",
    422,
    zh="xlsx 不能写到屏幕",
    en="xlsx cannot go to the screen",
    do_zh="用 --output 指定文件",
    do_en="name a file with --output",
)
FORMAT_UNKNOWN = kind(
    "option.unknown-format",
    422,
    zh="没有格式“{text}”",
    en="there is no format {text!r}",
    do_zh="可用：csv、ndjson、xlsx",
    do_en="use csv, ndjson or xlsx",
)
OUTPUT_WITHOUT_FORMAT = kind(
    "option.format-missing",
    422,
    zh="给了 --output，但看不出格式",
    en="there is an --output, but its format is not clear",
    do_zh="加上 --format csv|ndjson|xlsx，或用相应的扩展名",
    do_en="add --format csv|ndjson|xlsx, or name the file accordingly",
)
OUTPUT_UNWRITABLE = kind(
    "option.output-unwritable",
    422,
    zh="写不了 {path}：{why}",
    en="{path} cannot be written: {why}",
    do_zh="核对文件夹是否存在、可写、有剩余空间",
    do_en="see that its folder exists, may be written to, and has room",
)

Limit = Annotated[
    int,
    typer.Option(
        "--limit",
        min=1,
        max=MOST,
        metavar=both("行数", "ROWS"),
        help=both("一页最多几行。", "Rows on a page at most."),
    ),
]
After = Annotated[
    str | None,
    typer.Option(
        "--after",
        metavar=both("标记", "CURSOR"),
        help=both("从上一页末尾给出的标记往下看。", "Go on from the cursor of the page before."),
    ),
]
FileFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="csv|ndjson|xlsx",
        help=both(
            "把全部结果写成文件，不分页；csv 和 ndjson 可写到标准输出。",
            "Write the whole answer as a file, not a page; csv and ndjson may go to stdout.",
        ),
    ),
]
FileOutput = Annotated[
    Path | None,
    typer.Option(
        "--output",
        metavar=both("文件", "FILE"),
        help=both(
            "写到此文件；未写 --format 时按扩展名。",
            "Write to this file; its name gives the format where --format does not.",
        ),
    ),
]
USUAL_LIMIT = USUAL


def format_of(wanted: str | None, output: Path | None) -> str | None:
    """The format of the file that is asked for; None when none is. Raises ``Rejected``."""
    named = output.suffix.removeprefix(".").lower() if output is not None else None
    chosen = wanted.strip().lower() if wanted is not None else named
    if chosen is None:
        return None
    if chosen not in FORMATS:
        problem = (
            FORMAT_UNKNOWN.at("--format", text=wanted)
            if wanted is not None
            else OUTPUT_WITHOUT_FORMAT.at("--output")
        )
        raise Rejected([problem])
    if chosen == "xlsx" and output is None:
        raise Rejected([XLSX_NEEDS_FILE.at("--output")])
    return chosen


def write_file(
    reader: Reader, make: Callable[[Connection], Export], chosen: str, output: Path | None
) -> None:
    """Write a file, whole or not at all; to stdout where no file is named."""
    parts = Questions(reader.liuhen, reader.moment, reader.effective_on).written(
        make, chosen, reader.out.lang
    )
    if output is None:
        sys.stdout.flush()
        buffer = getattr(sys.stdout, "buffer", None)
        for part in parts:
            if buffer is None:
                sys.stdout.write(part.decode())
            else:
                buffer.write(part)
        return
    put_file(output, parts)
    out = reader.out
    out.line(out.words(f"已写入 {output}", f"written to {output}"))


def put_file(output: Path, parts: Iterable[bytes]) -> None:
    """Fill a file beside ``output`` and put it in its place: nobody finds half an answer.

    Raises ``Rejected`` (``option.output-unwritable``).
    """
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            for part in parts:
                file.write(part)
        beside.replace(output)
    except OSError as error:
        why = error.strerror or str(error)
        raise Rejected([OUTPUT_UNWRITABLE.at("--output", path=output, why=why)]) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def say_more(out: Output, after: str | None) -> None:
    """Say where the next page begins, if there is one."""
    if after is not None:
        out.line(out.words("还有下一页：", "there is another page:"), style="dim")
        # Never broken, so that it can be copied.
        sys.stdout.write(f"--after {after}\n")


def say_positions(out: Output, positions: dict[str, int]) -> None:
    """Say which position of each log the answer speaks of."""
    at = out.join(f"{log_id}:{position}" for log_id, position in sorted(positions.items()))
    out.line(out.words(f"日志位置：{at or '—'}", f"positions of logs: {at or '—'}"), style="dim")
