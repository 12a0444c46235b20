"""What commands put on the screen: tables, figures and problems, in one of two languages.

Answers go to stdout and nothing else does; problems go to stderr. JSON is UTF-8 whatever the
terminal speaks, with decimals as strings.
"""

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TextIO

import msgspec
from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.clocks import SHANGHAI
from domain.problems import Problem
from domain.values import FEN_PER_UNIT, Words, plain

PIPE_WIDTH = 120
"""How wide tables are where there is no terminal to ask."""

_STYLES = {
    "CONTRADICTION": "bold red",
    "UNSUPPORTED": "bold yellow",
    "NOTICE": "cyan",
}


# Chinese may break between any two characters, but a line begins with no closing mark and ends
# with no opening one.
_CLOSING = frozenset("、，。；：！？）】》」』”’…%％℃·,.;:!?)]}")
_OPENING = frozenset("（【《「『“‘([{")


class Wrapped:
    """Text that wraps as Chinese does: anywhere but inside words of letters and figures."""

    def __init__(self, content: Text) -> None:
        """``content``, to be wrapped at the width it is given."""
        self.content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, one below the other."""
        for line in self.content.split("\n", allow_blank=True):
            for part in line.divide(_breaks(line.plain, options.max_width)):
                part.rstrip()
                yield part

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """As wide as its longest line, down to a few characters."""
        widest = max((cell_len(line) for line in self.content.plain.split("\n")), default=0)
        return Measurement(min(widest, _NARROWEST), widest)


_NARROWEST = 8


def _breaks(plain: str, width: int) -> list[int]:
    """Where a line is broken: offsets at which the next one begins."""
    found: list[int] = []
    start = used = 0
    last = -1
    for index, character in enumerate(plain):
        if index > start and _may_break(plain[index - 1], character):
            last = index
        size = cell_len(character)
        if used + size > width and character != " " and index > start:
            cut = last if last > start else index
            found.append(cut)
            start, last = cut, -1
            used = cell_len(plain[cut:index])
        used += size
    return found


def _may_break(before: str, after: str) -> bool:
    if before == " ":
        return after != " "
    if after in _CLOSING or before in _OPENING or after == " ":
        return False
    return cell_len(before) > 1 or cell_len(after) > 1


class _QuietConsole(Console):
    """A console that leaves a broken pipe to whoever runs the program."""

    def on_broken_pipe(self) -> None:
        """Let the error through, instead of leaving at once."""
        raise BrokenPipeError


def console_on(stream: TextIO) -> Console:
    """A console on ``stream`` that takes its text literally; NO_COLOR and pipes give plain text."""
    width = None
    if not stream.isatty() and shutil.get_terminal_size((0, 0)).columns == 0:
        width = PIPE_WIDTH
    return _QuietConsole(file=stream, highlight=False, markup=False, emoji=False, width=width)


@dataclass(frozen=True)
class Column:
    """A column of a table. Numbers stand to the right and are never broken; texts wrap.

    ``ratio`` shares the width that is left among the texts; a column with ``above`` is left out
    where the screen is narrower than that.
    """

    title: Words
    number: bool = False
    ratio: int | None = None
    above: int = 0
    keep: bool = False


def text(zh: str, en: str, *, ratio: int = 1, above: int = 0) -> Column:
    """A column of words that wrap."""
    return Column(Words(zh, en), ratio=ratio, above=above)


def word(zh: str, en: str, *, above: int = 0) -> Column:
    """A column of short words that are never broken."""
    return Column(Words(zh, en), keep=True, above=above)


def number(zh: str, en: str, *, above: int = 0) -> Column:
    """A column of figures."""
    return Column(Words(zh, en), number=True, above=above)


Cell = str | Text | Words | None


@dataclass(frozen=True)
class Output:
    """Where and how a command answers."""

    lang: Literal["zh", "en"] = "zh"
    yuan: bool = False

    @property
    def console(self) -> Console:
        """The console of the answer; looked up each time, so that a redirection is followed."""
        return console_on(sys.stdout)

    # ------------------------------------------------------------------------------ words

    def words(self, zh: str, en: str) -> str:
        """The statement in the language of the output."""
        return en if self.lang == "en" else zh

    def of(self, words: Words) -> str:
        """Words in the language of the output."""
        return words.in_(self.lang)

    @property
    def colon(self) -> str:
        """Between a name and what it names."""
        return ": " if self.lang == "en" else "："

    def join(self, parts: Iterable[str]) -> str:
        """A list within a sentence."""
        return (", " if self.lang == "en" else "、").join(parts)

    def moment(self, moment: datetime | None, *, seconds: bool = False) -> str:
        """A moment as clocks in China show it; blank for None."""
        if moment is None:
            return ""
        local = moment.astimezone(SHANGHAI)
        return f"{local:%Y-%m-%d %H:%M:%S}" if seconds else f"{local:%Y-%m-%d %H:%M}"

    # ---------------------------------------------------------------------------- figures

    @property
    def unit(self) -> str:
        """The unit in which money is shown."""
        if self.yuan:
            return self.words("元", "yuan")
        return self.words("万元", "10,000 yuan")

    def money(self, fen: int | None, *, signed: bool = False) -> str:
        """Fen in 万元 or 元, exact, with at least two places; blank for None."""
        if fen is None:
            return ""
        exact = Fraction(fen, FEN_PER_UNIT["元" if self.yuan else "万元"])
        whole, _, places = plain(abs(exact)).partition(".")
        sign = "-" if fen < 0 else "+" if signed and fen > 0 else ""
        return f"{sign}{int(whole):,}.{places.ljust(2, '0')}"

    # ----------------------------------------------------------------------------- blocks

    def line(self, content: str | Text = "", *, style: str = "") -> None:
        """One paragraph, wrapped at the width of the screen."""
        put(Wrapped(Text(content, style=style) if isinstance(content, str) else content))

    def heading(self, content: str) -> None:
        """What the next block is about."""
        self.line()
        self.line(content, style="bold")

    def bullets(self, items: Iterable[str | Text], *, numbered: bool = False) -> None:
        """Items one below the other, each with a hanging indent."""
        grid = Table.grid(padding=(0, 1))
        grid.add_column(no_wrap=True, justify="right")
        grid.add_column(ratio=1)
        for nth, item in enumerate(items, start=1):
            grid.add_row(
                f"{nth}." if numbered else "-",
                Wrapped(item if isinstance(item, Text) else Text(item)),
            )
        if grid.row_count:
            put(Padding(grid, (0, 0, 0, 2)))

    def pairs(self, pairs: Iterable[tuple[str, Cell]]) -> None:
        """Names and values, one pair a line; pairs without a value are left out."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True, style="dim")
        grid.add_column()
        for name, value in pairs:
            if value:
                grid.add_row(name, Wrapped(self._cell(value)))
        if grid.row_count:
            put(grid)

    def table(
        self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, footer: bool = False
    ) -> None:
        """A table as wide as the screen allows; ``footer`` sets the last row apart."""
        console = self.console
        shown = [index for index, one in enumerate(columns) if console.width >= one.above]
        table = Table(
            box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold"
        )
        for index in shown:
            column = columns[index]
            table.add_column(
                self.of(column.title),
                justify="right" if column.number else "left",
                no_wrap=column.number or column.keep,
                overflow="fold",
                ratio=column.ratio,
            )
        cells = [[self._cell(row[index]) for index in shown] for row in rows]
        for position, row in enumerate(cells, start=1):
            if footer and position == len(cells):
                table.add_section()
            table.add_row(
                *(
                    cell if columns[index].number or columns[index].keep else Wrapped(cell)
                    for index, cell in zip(shown, row, strict=True)
                )
            )
        put(table)

    def _cell(self, cell: Cell) -> Text:
        if isinstance(cell, Text):
            return cell
        if isinstance(cell, Words):
            return Text(self.of(cell))
        return Text(cell or "")

    # ---------------------------------------------------------------------------- problems

    def problems(self, problems: Sequence[Problem]) -> None:
        """Every problem on stderr: code, place, what is wrong, and what to do next."""
        for problem in problems:
            head = Text.assemble((problem.code, "bold red"))
            if problem.place:
                head.append(f"  {problem.place}", style="bold")
            put(Wrapped(head), sys.stderr)
            for words in (problem.message.in_(self.lang), f"→ {problem.todo.in_(self.lang)}"):
                put(Padding(Wrapped(Text(words)), (0, 0, 0, 2)), sys.stderr)


def put(block: RenderableType, stream: TextIO | None = None) -> None:
    """One block on stdout, or on ``stream``, without blanks at the ends of lines."""
    stream = stream or sys.stdout
    console = console_on(stream)
    with console.capture() as capture:
        console.print(block)
    stream.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


def styled(words: str, raw: str) -> Text:
    """``words`` in the colour of a finding's class; the words alone say it too."""
    return Text(words, style=_STYLES.get(raw, ""))


def write_json(value: object) -> None:
    """``value`` on stdout as one JSON document in UTF-8, indented, decimals as strings."""
    _write(msgspec.json.format(_encoded(value), indent=2) + b"\n")


def write_rows(name: str, rows: Iterable[object], rest: Callable[[], Mapping[str, object]]) -> None:
    """One JSON document on stdout: ``rows`` under ``name``, each on a line and written as it comes;
    after the last of them whatever ``rest`` gives.
    """
    _write(b"{" + _encoded(name) + b": [")
    for nth, row in enumerate(rows):
        _write((b",\n" if nth else b"\n") + _encoded(row))
    _write(b"\n]")
    for key, value in rest().items():
        _write(b",\n" + _encoded(key) + b": " + _encoded(value))
    _write(b"}\n")


def _encoded(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=_as_builtin)


def _write(document: bytes) -> None:
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(document.decode())
    else:
        buffer.write(document)
        buffer.flush()


def as_builtins(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """``value`` as JSON holds it: decimals, UUIDs and dates as strings."""
    return msgspec.to_builtins(value, enc_hook=_as_builtin)


def _as_builtin(value: object) -> object:
    if isinstance(value, Fraction):
        return plain(value)
    msg = f"{type(value).__name__} does not go into JSON"
    raise NotImplementedError(msg)


def points(value: Decimal | str | None, missing: str = "") -> str:
    """Points as people write them."""
    if value is None:
        return missing
    return value if isinstance(value, str) else plain(value)


def shorten(digest: str, length: int = 12) -> str:
    """The beginning of a digest or id, for a table."""
    return re.sub(r"-", "", digest)[:length]
