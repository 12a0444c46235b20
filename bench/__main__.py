"""Measure everything, or some of it: ``python -m bench [ROW …] [options]``; ``make bench``.

Each row compares Liuhen with the raw limit of the same database in the same run, and with others
that do the same work. A run takes minutes; ``--full`` takes longer, and adds a province's year.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from bench import measures
from bench.places import DATABASES, place
from bench.report import PLACES, Report, markdown, ran_on, write_readmes
from bench.rows import Row, Size
from bench.table import text


def main() -> None:
    """Measure, print, and keep what was asked for."""
    options = _options()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    if options.from_file:
        found = _kept(options.from_file)
        print(text(found.rows, options.lang))
    else:
        found = _measured(options)
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    if options.markdown:
        print(markdown(found, options.lang))
    if options.write_readme:
        write_readmes(found, options.write_readme)


def _kept(files: Sequence[Path]) -> Report:
    """What runs have kept, as one: each ran by a command of its own."""
    kept = [msgspec.json.decode(file.read_bytes(), type=Report) for file in files]
    return Report(
        command="; ".join(one.command for one in kept),
        size=kept[0].size,
        ran_on=tuple(dict.fromkeys(part for one in kept for part in one.ran_on)),
        rows=tuple(row for one in kept for row in one.rows),
    )


def _measured(options: argparse.Namespace) -> Report:
    size = Size.FULL if options.full else Size.NORMAL
    chosen = options.rows or list(measures.of(size))
    kinds = DATABASES if options.database == "both" else (options.database,)
    rows: list[Row] = []
    servers: list[str] = []
    for kind in kinds:
        with place(kind, options.keep) as where:
            servers += where.server()
            for name in chosen:
                for row in measures.of(Size.FULL)[name](where, size):
                    print(text([row], options.lang), flush=True)
                    rows.append(row)
    # What decides the figures, and not where they are kept.
    given = [*options.rows, *["--full"] * options.full]
    if options.database != "both":
        given += ["--database", options.database]
    arguments = f' ARGS="{" ".join(given)}"' if given else ""
    return Report(
        command=f"make bench{arguments}", size=size, ran_on=ran_on(servers), rows=tuple(rows)
    )


def _options() -> argparse.Namespace:
    summary = __doc__.splitlines()[0] if __doc__ else None
    parser = argparse.ArgumentParser(prog="python -m bench", description=summary)
    names = list(measures.of(Size.FULL))
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"which: {', '.join(names)}")
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument("--full", action="store_true", help="full size, a province's year included")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="fill a province's stores there once, and measure copies of them",
    )
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all figures in a file")
    parser.add_argument(
        "--from",
        type=Path,
        metavar="FILE",
        nargs="+",
        dest="from_file",
        help="show what --json kept; of several runs their rows together",
    )
    parser.add_argument("--markdown", action="store_true", help="print it as a README shows it")
    parser.add_argument(
        "--write-readme",
        nargs="?",
        choices=PLACES,
        const=PLACES[0],
        help=f"put it into both READMEs, at one of their places ({PLACES[0]})",
    )
    options = parser.parse_args()
    for name in options.rows:
        if name not in names:
            parser.error(f"there is no row {name}; there are {', '.join(names)}")
    if options.keep:
        options.keep = options.keep.resolve()
        options.keep.mkdir(parents=True, exist_ok=True)
    return options


if __name__ == "__main__":
    main()
