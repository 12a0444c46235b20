"""A province's year, larger step by step: does a fact cost the same in 4 million as in 40 thousand?

Each step is a store of its own, which ``liuhen generate`` fills. It is filled, caught up and asked
by processes of their own (``steps``), so that the peak memory of each is known. A later step is
caught up between two runs of the first one, with which it is compared: a machine may work half as fast
a quarter of an hour later.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter
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
    first, *later = size.of(
        smoke=((1, 1), (2, 1)),
        normal=((2, 15), (10, 31)),
        full=((10, 31), (100, 31), (100, 300)),
    )
    least: Step | None = None
    for counties, units in (first, *later):
        url, filled, is_new = _filled(place, counties, units)
        around = []
        if (counties, units) != first:
            around.append(_caught_up_alone(place, *first))
        caught_up = _run("catch-up", url)
        if around:
            around.append(_caught_up_alone(place, *first))
        assert caught_up.facts == filled.facts
        if is_new:
            least = least or filled
            yield _generated(place.kind, filled, least)
        yield from _rows(place.kind, filled, caught_up, around)
        rounds, times = size.of(smoke=(1, 3), normal=(5, 50), full=(5, 200))
        yield from _run("ask", url, rounds, times).rows
        place.drop(url)


def _caught_up_alone(place: Place, counties: int, units: int) -> Step:
    """The views of a store that goes away again."""
    url, *_ = _filled(place, counties, units)
    found = _run("catch-up", url)
    place.drop(url)
    return found


def _generated(kind: str, filled: Step, first: Step) -> Row:
    """What generating took: told, and held to nothing."""
    facts = f"{filled.facts:,}"
    return Row(
        work=Words(f"生成并追加，{facts} 条事实", f"generate and append {facts} facts"),
        database=kind,
        unit=Unit.MICROSECONDS,
        limit=_each(_first_step([first]), [first], attrgetter("seconds")),
        ours=_each(LIUHEN, [filled], attrgetter("seconds")),
        note=_pace(filled),
    )


def _rows(kind: str, filled: Step, caught_up: Step, around: Sequence[Step]) -> Iterator[Row]:
    """What a step has shown; ``around`` is the first one, run before it and after it."""
    facts = f"{filled.facts:,}"
    yield Row(
        work=Words(
            f"补齐全部视图，{facts} 条事实，CPU 时间",
            f"catch up {facts} facts into all views, CPU time",
        ),
        database=kind,
        unit=Unit.MICROSECONDS,
        limit=_each(_first_step(around or [caught_up]), around or [caught_up], _work),
        ours=_each(LIUHEN, [caught_up] * max(1, len(around)), _work),
        reach=round(1 / FLAT, 2) if around else None,
        note=_pace(caught_up),
    )
    yield Row(
        work=Words(
            f"补齐 {facts} 条事实，与裸读相比，CPU 时间",
            f"catch up {facts} facts, against reading, CPU time",
        ),
        database=kind,
        unit=Unit.MICROSECONDS,
        limit=_each(
            Words(f"SELECT + {DECODER}", f"SELECT + {DECODER}"),
            [caught_up],
            attrgetter("limit"),
        ),
        ours=_each(LIUHEN, [caught_up], _work),
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


_work: Callable[[Step], float] = attrgetter("work")


def _first_step(steps: Sequence[Step]) -> Words:
    return Words(f"{steps[0].facts:,} 条事实时", f"at {steps[0].facts:,} facts")


def _pace(step: Step) -> Words:
    rate = f"{step.facts / step.seconds:,.0f}"
    return Words(f"每秒 {rate} 条", f"{rate} a second")


def _each(name: Words, steps: Sequence[Step], cost: Callable[[Step], float]) -> Figure:
    """What one fact costs in each of ``steps``."""
    return Figure(name, tuple(cost(step) / step.facts * 1e6 for step in steps))


def _filled(place: Place, counties: int, units: int) -> tuple[URL, Step, bool]:
    """A store with so many facts, what it took to generate them, and whether that was now."""
    name = f"{counties}x{units}-v{PROJECTION_VERSION}"
    url, said, is_new = place.filled(name, partial(_said_filling, counties, units))
    return url, _step(said), is_new


def _said_filling(counties: int, units: int, url: URL) -> bytes:
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
