"""A year of one log or of all, step by step.

Logs are read one after the other, so that one log's forms are in memory at a time; what each step
of a log moved is put aside in a temporary file, and the files are merged by what was known when.
A single log needs no file: its steps are told while it is read.
"""

import heapq
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from fractions import Fraction
from typing import IO

import msgspec

from domain.evaluation.state import Status
from domain.scoring.grades import best_first
from domain.store import EventStore
from domain.values import Rounding, plain
from projections.replay.log import LogReplay
from projections.replay.rows import Delta, End, FormMoved, Standing, Step, Stride

_LENGTH = 4
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Delta).decode

Told = Callable[[str, int], None]
"""Told how far a log has been read: its id and position."""


def heads(store: EventStore, log_id: str | None = None) -> dict[str, int]:
    """The position up to which each log would be replayed now, of one log or of all."""
    return {one: store.head(one) for one in ([log_id] if log_id else store.logs())}


def replay(
    store: EventStore,
    year: int,
    stride: Stride,
    upto: Mapping[str, int],
    told: Told = lambda _log, _position: None,
) -> Iterator[Step | End]:
    """The year after each step, then the end; ``upto`` names the logs and their last positions.

    Facts of several logs are told in the order of what was known when; what is known at a
    position never lies before what was known at the one before.
    """
    course = _Course()
    with ExitStack() as files:
        logs = [LogReplay(store, log_id, year, position) for log_id, position in upto.items()]
        if len(logs) == 1:
            deltas = _watched(logs[0], stride, told)
        else:
            deltas = _merged(logs, stride, told, files)
        waiting: list[Delta] = []
        for delta in deltas:
            if waiting and waiting[0].key != delta.key:
                yield course.step(waiting)
                waiting = []
            waiting.append(delta)
        if waiting:
            yield course.step(waiting)
    yield End(year=year, count=course.count, steps=course.steps, positions=dict(upto))


def _watched(log: LogReplay, stride: Stride, told: Told) -> Iterator[Delta]:
    for delta in log.deltas(stride):
        yield delta
        told(log.log_id, delta.position)
    told(log.log_id, log.upto)


def _merged(logs: list[LogReplay], stride: Stride, told: Told, files: ExitStack) -> Iterator[Delta]:
    aside = []
    while logs:
        log = logs.pop(0)  # and with it its forms
        file = files.enter_context(
            tempfile.TemporaryFile(prefix="liuhen-replay-")  # noqa: SIM115 - the stack closes it
        )
        for delta in _watched(log, stride, told):
            packed = _encode(delta)
            file.write(len(packed).to_bytes(_LENGTH, "big") + packed)
        file.seek(0)
        aside.append(file)
    # By day and month the keys are in the order of time, and so are all logs of one step together.
    if stride is Stride.FACT:
        return heapq.merge(
            *(_put_aside(file) for file in aside),
            key=lambda delta: (delta.known_at, delta.log_id, delta.position),
        )
    return heapq.merge(
        *(_put_aside(file) for file in aside), key=lambda delta: (delta.key, delta.log_id)
    )


def _put_aside(file: IO[bytes]) -> Iterator[Delta]:
    while length := file.read(_LENGTH):
        yield _decode(file.read(int.from_bytes(length, "big")))


class _Course:
    """The sums as they run."""

    def __init__(self) -> None:
        self.count = self.steps = 0
        self._money = [0, 0, 0]
        self._forms: Counter[Status] = Counter()
        self._grades: Counter[str] = Counter()
        self._scored = 0
        self._points = Fraction(0)

    def step(self, deltas: list[Delta]) -> Step:
        """The year after the deltas of one step."""
        facts: Counter[str] = Counter()
        moved: list[FormMoved] = []
        for delta in deltas:
            facts.update(delta.facts)
            moved += delta.moved.values()
            for nth, fen in enumerate((delta.initial_fen, delta.adjusted_fen, delta.spent_fen)):
                self._money[nth] += fen
        for one in moved:
            self._count(one.before, -1)
            self._count(one.after, 1)
        self.count += facts.total()
        self.steps += 1
        initial, adjusted, spent = self._money
        return Step(
            label=deltas[0].key,
            count=self.count,
            known_at=max(delta.known_at for delta in deltas),
            positions={delta.log_id: delta.position for delta in deltas},
            initial_fen=initial,
            adjusted_fen=adjusted,
            spent_fen=spent,
            forms={status: self._forms[status] for status in Status if self._forms[status]},
            scored=self._scored,
            mean=_mean(self._points, self._scored),
            grades=best_first({grade: count for grade, count in self._grades.items() if count}),
            facts=dict(sorted(facts.items())),
            moved=tuple(one for one in moved if one.before != one.after),
        )

    def _count(self, one: Standing | None, sign: int) -> None:
        if one is None:
            return
        self._forms[one.status] += sign
        if one.total is not None:
            self._scored += sign
            self._points += sign * Fraction(Decimal(one.total))
        self._grades[one.grade or ""] += sign


def _mean(points: Fraction, scored: int) -> str | None:
    return plain(Rounding().apply(points / scored)) if scored else None
