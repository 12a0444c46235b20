"""A province's year, larger step by step: does a fact cost the same in 4 million as in 40 thousand?

Each step is a store of its own, which ``liuhen generate`` fills. It is filled, caught up and asked
by processes of their own (``steps``), so that the peak memory of each is known. Rows of the first
step compare with the raw limit; those of the later ones with the first step.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import URL

from bench.measuring import DECODER
from bench.places import Place
from bench.rows import LIUHEN, Figure, Row, Size, Unit
from bench.steps import Step
from domain.values import Words
from projections.tracking import PROJECTION_VERSION

PEAK_MEGABYTES = 600
FLAT = 1.3
"""How much more a fact may cost in the largest step than in the smallest."""


def measure(place: Place, size: Size) -> Iterator[Row]:
    """Three steps, each ten times as many facts as the one before; (counties, units of each)."""
    first: tuple[Step, Step] | None = None
    for counties, units in size.of(
        smoke=((1, 1), (2, 1)),
        normal=((2, 15), (10, 31)),
        full=((10, 31), (100, 31), (100, 300)),
    ):
        url, said = place.filled(
            f"{counties}x{units}-v{PROJECTION_VERSION}", partial(_filled, counties, units)
        )
        filled = _step(said)
        caught_up = _run("catch-up", url)
        assert caught_up.facts == filled.facts
        first = first or (filled, caught_up)
        yield from _rows(place.kind, filled, caught_up, first)
        rounds, times = size.of(smoke=(1, 3), normal=(5, 50), full=(5, 200))
        yield from _run("ask", url, rounds, times).rows
        place.drop(url)


def _rows(kind: str, filled: Step, caught_up: Step, first: tuple[Step, Step]) -> Iterator[Row]:
    facts = f"{filled.facts:,}"
    generated = Words(f"生成并追加，{facts} 条事实", f"generate and append {facts} facts")
    yield _flat(generated, kind, filled, first[0], lambda step: step.seconds)
    caught = Words(
        f"补齐全部视图，{facts} 条事实，CPU 时间",
        f"catch up {facts} facts into all views, CPU time",
    )
    yield _flat(caught, kind, caught_up, first[1], lambda step: step.work)
    yield Row(
        work=Words(
            f"补齐 {facts} 条事实，与裸读相比，CPU 时间",
            f"catch up {facts} facts, against reading, CPU time",
        ),
        database=kind,
        unit=Unit.MICROSECONDS,
        limit=_each(
            Words(f"SELECT + {DECODER}", f"SELECT + {DECODER}"), caught_up, caught_up.limit
        ),
        ours=_each(LIUHEN, caught_up, caught_up.work),
        reach=0.1,
        stretch=0.4,
    )
    yield Row(
        work=Words(f"内存峰值，{facts} 条事实", f"peak memory, {facts} facts"),
        database=kind,
        unit=Unit.MEGABYTES,
        limit=Figure(Words("须低于", "must be below"), (float(PEAK_MEGABYTES),)),
        ours=Figure(Words("留痕补齐视图", "Liuhen catching up"), (float(caught_up.peak),)),
        beside=(Figure(Words("留痕生成", "Liuhen generating"), (float(filled.peak),)),),
        reach=1.0,
    )


def _flat(work: Words, kind: str, step: Step, first: Step, cost: Callable[[Step], float]) -> Row:
    """What a fact costs here, against what it cost in the smallest step."""
    name = Words(f"{first.facts:,} 条事实时", f"at {first.facts:,} facts")
    rate = f"{step.facts / step.seconds:,.0f}"
    return Row(
        work=work,
        database=kind,
        unit=Unit.MICROSECONDS,
        limit=_each(name, first, cost(first)),
        ours=_each(LIUHEN, step, cost(step)),
        reach=None if step is first else round(1 / FLAT, 2),
        note=Words(f"每秒 {rate} 条", f"{rate} a second"),
    )


def _each(name: Words, step: Step, seconds: float) -> Figure:
    return Figure(name, (seconds / step.facts * 1e6,))


def _filled(counties: int, units: int, url: URL) -> bytes:
    return _said("fill", url, counties, units)


def _run(step: str, url: URL, *arguments: object) -> Step:
    return _step(_said(step, url, *arguments))


def _step(said: bytes) -> Step:
    return msgspec.json.decode(said, type=Step)


def _said(step: str, url: URL, *arguments: object) -> bytes:
    text = url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-m", "bench.steps", step, text, *map(str, arguments)],
        cwd=Path(__file__).resolve().parent.parent,
        check=True,
        stdout=subprocess.PIPE,
    )
    return done.stdout.splitlines()[-1]
