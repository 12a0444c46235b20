"""How far a rebuild is: a bar on a terminal, a line now and then anywhere else."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn

from api.output import Output, console_on
from domain.values import Words
from projections.runner import Filled, Phase

_PHASES = {
    Phase.FILLING: Words("填充", "filling"),
    Phase.COMPARING: Words("比较", "comparing"),
    Phase.SWITCHING: Words("切换", "exchanging"),
    Phase.DONE: Words("完成", "done"),
}
_LINE_SECONDS = 5.0


@contextmanager
def told(out: Output, *, quiet: bool) -> Iterator[Callable[[Filled], None]]:
    """What a rebuild is to report to. ``quiet`` says nothing, for an answer in JSON."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as progress:
            task = progress.add_task("", total=None)
            rate = Rate(out)

            def show(filled: Filled) -> None:
                progress.update(
                    task,
                    total=max(filled.total, 1),
                    completed=filled.facts,
                    description=out.of(_PHASES[filled.phase]),
                    words=rate.words(filled),
                )

            yield show
    else:
        yield _Lines(out)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[words]}"),
        console=console_on(sys.stderr),
        transient=True,
    )


class Rate:
    """Facts in a second since a phase began, and how long the rest will take at that."""

    def __init__(self, out: Output, clock: Callable[[], float] = time.monotonic) -> None:
        """Begins now, by ``clock``."""
        self._out = out
        self._clock = clock
        self._began = clock()
        self._phase = Phase.FILLING

    def words(self, filled: Filled) -> str:
        """Facts, rate and time left; of a comparison the logs."""
        out = self._out
        if filled.phase is not self._phase:
            # What was missing is filled after the comparison, as a phase of its own.
            self._phase, self._began = filled.phase, self._clock()
        if filled.phase is Phase.COMPARING:
            return out.words(
                f"{filled.logs}/{filled.of_logs} 个日志", f"{filled.logs}/{filled.of_logs} logs"
            )
        facts = f"{filled.facts:,}/{filled.total:,}"
        done = out.words(f"{facts} 条事实", f"{facts} facts")
        spent = self._clock() - self._began
        if filled.phase is not Phase.FILLING or not filled.fresh or spent <= 0:
            return done
        rate = filled.fresh / spent
        left = round((filled.total - filled.facts) / rate)
        minutes, seconds = divmod(left, 60)
        return done + out.words(
            f"，{rate:,.0f} 条/秒，剩余 {minutes}:{seconds:02}",
            f", {rate:,.0f} facts/s, {minutes}:{seconds:02} left",
        )


class _Lines:
    """A line for each new phase, and while one lasts every few seconds."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._rate = Rate(out)
        self._phase: Phase | None = None
        self._next = 0.0

    def __call__(self, filled: Filled) -> None:
        now = time.monotonic()
        if filled.phase is self._phase and now < self._next:
            return
        self._phase, self._next = filled.phase, now + _LINE_SECONDS
        sys.stderr.write(
            f"{self._out.of(_PHASES[filled.phase])}{self._out.colon}{self._rate.words(filled)}\n"
        )
        sys.stderr.flush()
