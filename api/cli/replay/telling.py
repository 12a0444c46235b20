"""What all three kinds of replay tell alike."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from api.output import Output


@contextmanager
def progress(out: Output, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, where it is a terminal, told how much is done in all."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(out.words("回放", "replaying"), total=total)
        yield lambda done: bar.update(task, completed=done)


def graded(out: Output, grades: Mapping[str, int]) -> str:
    """How many have each grade."""
    return out.join(f"{grade or out.words('无', 'none')} {n}" for grade, n in grades.items())
