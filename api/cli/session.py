"""One run of the command line: its language, what is wrong with its line, the opened program."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import typer

from api.bootstrap import Liuhen, bootstrap
from api.cli.reader import Look, Reader
from api.cli.speech import Lang
from api.cli.usage import noted
from api.clocks import business_day, moment_of, no_business_date
from api.output import Output
from api.storage import is_store_error, unavailable
from domain.problems import Gathered, Problem
from domain.values import Words

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Session:
    """What every command gets from the line: the language, how to open the program, and what is
    wrong with the usage, with which nothing is answered or done.
    """

    lang: Lang = "zh"
    opener: Callable[[], Liuhen] = bootstrap
    wrong: tuple[Problem, ...] = ()

    def output(self, *, yuan: bool = False) -> Output:
        """Where the command answers."""
        return Output(self.lang, yuan)

    def gathered(self) -> Gathered:
        """What is wrong with the line so far, for a command to add to."""
        asked = Gathered()
        asked.problems += self.wrong
        return asked

    @contextmanager
    def program(self, look: Callable[[Liuhen], object] | None = None) -> Iterator[Liuhen]:
        """The program for the commands that serve and store.

        Raises ``Rejected`` with everything that is wrong with the line at once: its usage, and then
        also what ``look`` refuses, which is what the command itself would find wrong.
        """
        asked = self.gathered()
        if look is None:
            asked.refuse()
        with ExitStack() as opened:
            liuhen = _taken(asked, lambda: opened.enter_context(self.opener()))
            if liuhen is not None and look is not None and self.wrong:
                _taken(asked, partial(look, liuhen))
            asked.refuse()
            assert liuhen is not None  # noqa: S101 - else there were problems
            yield liuhen

    def mender(self) -> Liuhen:
        """The program for the commands that mend tables and views. Raises as ``program``."""
        self.gathered().refuse()
        return bootstrap(ready=False)

    @contextmanager
    def open_evaluation(
        self,
        evaluation: str | None,
        as_of: str | None,
        effective_on: str | None,
        *,
        line: str | None = None,
        place: str = "LINE",
        recorded: Words | None = None,
    ) -> Iterator[Reader]:
        """As ``open``, for what is asked of an evaluation, or of its ``line`` given at ``place``;
        it is None where the line of the command names none.
        """

        def known(reader: Reader) -> None:
            if evaluation is not None:
                found = reader.evaluation(evaluation)
                if line is not None:
                    reader.line_named(found, line, place)

        with self.open(
            as_of,
            effective_on,
            None,
            if_given(lambda one: one.named(evaluation), evaluation),
            recorded=recorded,
            hanging=if_given(known, evaluation),
        ) as reader:
            yield reader

    @contextmanager
    def open(
        self,
        as_of: str | None = None,
        effective_on: str | None = None,
        asked: Gathered | None = None,
        *looks: Look | None,
        recorded: Words | None = None,
        instead: Words | None = None,
        hanging: Look | None = None,
    ) -> Iterator[Reader]:
        """The program for reading, with every fact in its views, as known at ``as_of`` and as
        counted until ``effective_on``.

        ``recorded`` is what is asked where that has no business date, ``instead`` what else has.
        Raises ``Rejected`` with everything that is wrong with the line at once: what was noted in
        ``asked``, the clocks, what each of ``looks`` refuses; and, where that is something and the
        clocks can be read, what ``hanging`` on them would be refused in the answer.
        """
        asked = asked or self.gathered()
        moment, day = None, None
        before = len(asked.problems)
        if as_of is not None:
            moment = asked.take(lambda: moment_of(as_of, "--as-of"))
        if effective_on is not None:
            day = asked.take(lambda: business_day(effective_on, "--effective-on"))
        on_time = len(asked.problems) == before
        if day is not None and recorded is not None:
            asked.problems.append(no_business_date("--effective-on", recorded, instead))
        questions = [look for look in looks if look is not None]
        if not questions and hanging is None:
            asked.refuse()  # the program has nothing to say to it
        with ExitStack() as opened:

            def look_at_all() -> Reader:
                liuhen = opened.enter_context(self.opener())
                liuhen.catch_up()
                # What has stopped is said beside the answer, which is older than the facts there.
                self.output().problems(liuhen.stopped())
                reader = Reader(liuhen, moment, day, out=self.output())
                for look in questions:
                    asked.take(partial(look, reader))
                if hanging is not None and on_time and asked.problems:
                    asked.take(partial(hanging, reader))
                return reader

            reader = _taken(asked, look_at_all)
            asked.refuse()
            assert reader is not None  # noqa: S101 - else there were problems
            yield reader


def _taken(asked: Gathered, ask: Callable[[], _Answer]) -> _Answer | None:
    """As ``asked.take``; a database that cannot be used is told with what is wrong already."""
    try:
        return asked.take(ask)
    except Exception as error:
        if not asked.problems or not is_store_error(error):
            raise
        asked.problems.append(unavailable(error))
        return None


def session_of(ctx: typer.Context) -> Session:
    """The session of a command, with what is wrong with its line."""
    found = ctx.find_root().obj
    session = found if isinstance(found, Session) else Session()
    return replace(session, wrong=tuple(noted(ctx)))


def if_given(look: Look, *values: object) -> Look | None:
    """``look``, where the line gives anything for it to look at."""
    return look if any(one is not None for one in values) else None
