"""The views as the runner and the questions meet them: the generation that serves, and the next.

Which one serves is one row of the store. It is changed in one transaction, so that whatever fails
before leaves the former one serving.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.database import Database
from adapters.dialects import TURNS, NoViewsError
from adapters.log import microseconds
from adapters.schema import view_generations
from domain.problems import Problem, Rejected, kind

VIEWS_OUTDATED = kind(
    "views.outdated",
    503,
    zh="视图为第 {stored} 版，与本程序不符",
    en="the views are of version {stored}, which is not this program's",
    do_zh="运行 liuhen rebuild",
    do_en="run liuhen rebuild",
)

VIEWS_INCONSISTENT = kind(
    "views.inconsistent",
    500,
    zh="视图的行与其所记的位置不符，无法推进",
    en="rows of the views do not fit the position they are said to be at; they cannot move on",
    do_zh="运行 liuhen rebuild；事实没有丢失",
    do_en="run liuhen rebuild; no fact is lost",
)

_Make = Callable[[Connection], None]
_c = view_generations.c


class State(StrEnum):
    """What a generation of views is for."""

    FILLING = "FILLING"
    SERVING = "SERVING"
    RETIRED = "RETIRED"
    DROPPED = "DROPPED"


class Generation(NamedTuple):
    """A set of view tables: its number, and the version of the program that fills it."""

    number: int
    version: int
    began_at: datetime


class _GoneError(Exception):
    """Somebody cancelled the generation that was to serve."""


class ViewsAt:
    """One generation, whether it serves or not; None for whichever serves."""

    def __init__(self, database: Database, number: int | None) -> None:
        """The generation ``number`` in ``database``."""
        self._store = database
        self._number = number

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that cannot write, on one state of the views until it is given back.

        Raises ``Rejected``: ``store.unreachable``; ``views.outdated`` when there are no views.
        """
        views = self._store.backend.views
        with ExitStack() as given_back, _no_views_is_rejected():
            connection = self._store.insist(
                lambda: given_back.enter_context(views.reading(self._number))
            )
            with self._store.named_errors():
                yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A writing transaction on the views. Appends do not wait for it.

        Raises ``Rejected``: ``store.busy``, ``store.unreachable``, ``views.outdated``; and
        ``views.inconsistent`` when a row is there already that has yet to be written.
        """
        views = self._store.backend.views
        try:
            with (
                _no_views_is_rejected(),
                self._store.named_errors(),
                views.writing(self._number) as connection,
            ):
                yield connection
        except IntegrityError as taken:
            raise Rejected([VIEWS_INCONSISTENT.at()]) from taken

    def prepare(self, make: _Make) -> None:
        """A generation has its tables from the beginning."""

    def scrub(self) -> None:
        """Drop the remains of deleted rows in files beside the tables, as far as readers allow."""
        self._store.backend.views.scrub()


class ViewDatabase(ViewsAt):
    """The views of a program: reads and writes go to the generation that serves."""

    def __init__(self, database: Database, version: int) -> None:
        """The views in ``database`` for a program that writes ``version``."""
        super().__init__(database, None)
        self.version = version

    # ------------------------------------------------------------------------ what there is

    def serving(self) -> Generation | None:
        """The generation that serves; None before the first."""
        return self._in_state(State.SERVING)

    def filling(self) -> Generation | None:
        """The generation that is being filled, or waits to be filled further; mostly None."""
        return self._in_state(State.FILLING)

    def at(self, number: int) -> ViewsAt:
        """One generation, whether it serves or not."""
        return ViewsAt(self._store, number)

    def exist(self, number: int) -> bool:
        """Whether a generation has its tables: they may be lost, as after a backup without them."""
        with self._store.named_errors():
            return self._store.backend.views.exist(number)

    # ------------------------------------------------------------------------- what happens

    def prepare(self, make: _Make) -> None:
        """See that views of this program serve, as ``stand_in`` does. Raises ``Rejected``
        (``views.outdated``) when those of another version do.
        """
        found = self.serving()
        if found is not None and found.version != self.version:
            raise Rejected([_outdated(found.version)])
        self.stand_in(make)

    def stand_in(self, make: _Make) -> Generation:
        """The generation that serves. The first one is made on the spot, empty, and so is one of
        any version that is lost, as after the facts alone came back from a backup.
        """
        found = self.serving() or self._first(make)
        if not self.exist(found.number):
            self._again(found.number, make)
        return found

    def begin(self, make: _Make) -> Generation | None:
        """Begin the next generation, empty; None when somebody else just did.

        What was retired before is dropped.
        """
        self.sweep()
        try:
            with self._store.transaction() as connection:
                self._take_turns(connection)
                number = self._add(connection, State.FILLING)
                # Whoever sees the row finds the tables.
                self._store.backend.views.make(number, make)
        except IntegrityError:
            return None
        return self.filling()

    def switch(self, number: int, *, last: Callable[[], bool]) -> bool:
        """Let a generation that was being filled serve, at once for everybody.

        ``last`` brings it up to the one that serves, while nobody moves that one; False from it
        leaves everything as it is. The former generation is kept for its readers.
        """
        try:
            with self._store.named_errors(), self._store.backend.views.still() as transaction:
                if not last():
                    return False
                with transaction() as connection:
                    self._exchange(connection, number)
        except _GoneError:
            return False
        return True

    def cancel(self) -> Generation | None:
        """Drop the generation that is being filled, if there is one, and what was retired.

        Whoever is filling it finds its tables gone.
        """
        found = self.filling()
        if found is not None:
            with self._store.transaction() as connection:
                connection.execute(
                    update(view_generations)
                    .where(_c.generation == found.number, _c.state == State.FILLING)
                    .values(state=State.RETIRED, retired_at=_now())
                )
        self.sweep()
        return found

    def sweep(self) -> None:
        """Drop what was retired. A crash in between leaves it retired, for the next time."""
        for number in self._numbers(State.RETIRED):
            with self._store.named_errors():
                self._store.backend.views.drop(number)
            with self._store.transaction() as connection:
                connection.execute(
                    update(view_generations)
                    .where(_c.generation == number, _c.state == State.RETIRED)
                    .values(state=State.DROPPED)
                )
        # One whose tables were made before its row was committed.
        with self._store.transaction() as connection:
            self._take_turns(connection)
            self._store.backend.views.drop(_next(connection))

    # -------------------------------------------------------------------------------- inside

    def _first(self, make: _Make) -> Generation:
        """The first generation, made by whichever process comes first."""
        with self._store.transaction() as connection:
            self._take_turns(connection)
            serving = select(_c.generation).where(_c.state == State.SERVING)
            if connection.scalar(serving) is None:
                number = self._add(connection, State.SERVING)
                self._store.backend.views.make(number, make)
        found = self.serving()
        assert found is not None  # noqa: S101 - it was put there
        return found

    def _again(self, number: int, make: _Make) -> None:
        """What serves, made anew and empty, by whichever process comes first."""
        with self._store.transaction() as connection:
            self._take_turns(connection)
            if not self._store.backend.views.exist(number):
                self._store.backend.views.make(number, make)

    def _exchange(self, connection: Connection, number: int) -> None:
        now = _now()
        connection.execute(
            update(view_generations)
            .where(_c.state == State.SERVING)
            .values(state=State.RETIRED, retired_at=now)
        )
        changed = connection.execute(
            update(view_generations)
            .where(_c.generation == number, _c.state == State.FILLING)
            .values(state=State.SERVING, served_at=now)
        )
        if changed.rowcount != 1:
            raise _GoneError

    def _take_turns(self, connection: Connection) -> None:
        """Processes that begin a generation together come one after the other. On SQLite they do,
        as all writers of the store.
        """
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE liuhen.view_generations IN EXCLUSIVE MODE")

    def _add(self, connection: Connection, state: State) -> int:
        number = _next(connection)
        connection.execute(insert(view_generations), self._row(number, state))
        return number

    def _row(self, number: int, state: State) -> dict[str, object]:
        return {
            "generation": number,
            "projection_version": self.version,
            "state": state.value,
            "began_at": _now(),
            "served_at": _now() if state is State.SERVING else None,
        }

    def _in_state(self, state: State) -> Generation | None:
        query = select(_c.generation, _c.projection_version, _c.began_at).where(_c.state == state)
        row = self._store.query(lambda connection: connection.execute(query).first())
        if row is None:
            return None
        number, version, began_at = row
        return Generation(number, version, datetime.fromtimestamp(began_at / 1_000_000, UTC))

    def _numbers(self, state: State) -> Sequence[int]:
        query = select(_c.generation).where(_c.state == state).order_by(_c.generation)
        return self._store.query(lambda connection: connection.scalars(query).all())


def _next(connection: Connection) -> int:
    """A number that no generation has had, and whose place no generation is in."""
    taken = select(_c.generation).where(_c.state != State.DROPPED)
    places = {number % TURNS for number in connection.scalars(taken)}
    number = 1 + (connection.scalar(select(func.max(_c.generation))) or 0)
    while number % TURNS in places:
        number += 1
    return int(number)


@contextmanager
def _no_views_is_rejected() -> Iterator[None]:
    try:
        yield
    except NoViewsError:
        raise Rejected([_outdated(0)]) from None


def _outdated(stored: int) -> Problem:
    return VIEWS_OUTDATED.at(stored=stored)


def _now() -> int:
    return microseconds(datetime.now(UTC))
