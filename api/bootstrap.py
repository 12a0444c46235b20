"""The composition root: the only place that wires adapters to the domain and the views.

``bootstrap()`` opens what the settings name. Nothing is read or written before it is needed, and
the embedded file is brought up to date when it is first used.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, cached_property, partial
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from pydantic import ValidationError
from sqlalchemy import Connection

from adapters import migration
from adapters.batching import BatchingStore
from adapters.database import Database
from adapters.event_store import SqlEventStore
from adapters.identifiers import new_event_id, new_salt, pause
from adapters.input_files import Source, rule_sets_in
from adapters.input_files import check_documents as check_sources
from adapters.input_files import import_documents as import_sources
from adapters.settings import Settings
from adapters.views import ViewDatabase
from api.filling import filling
from api.logging import logger
from api.logs import Logs
from api.storage import has_given_out
from domain import application
from domain.application import Tools
from domain.commands import Command
from domain.facts.envelope import Context, Role
from domain.ids import unit_year_of
from domain.importing import Done
from domain.problems import Problem, Rejected, kind
from domain.scoring.rule_set import RuleSet
from domain.store import EventStore, Receipt
from projections import adjustments, current, standing
from projections.runner import (
    Difference,
    Filled,
    Filling,
    Health,
    Rebuild,
    Rebuilt,
    Runner,
    being_filled,
)
from projections.tracking import PROJECTION_VERSION
from projections.unit_year import UnitYearFold, counted, only_undated, recall

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
"""The documents and rule sets that come with the product; never relative to where one stands."""

SETTING_INVALID = kind(
    "settings.invalid",
    422,
    zh="设置 {name} 不成立：{what}",
    en="the setting {name} is invalid: {what}",
    do_zh="更正环境变量 {name} 后再运行",
    do_en="correct the environment variable {name} and run again",
)
FILE_UNREADABLE = kind(
    "import.unreadable-file",
    422,
    zh="读不到文件 {path}：{what}",
    en="the file {path} cannot be read: {what}",
    do_zh="核对路径和读取权限",
    do_en="check the path and the permission to read it",
)
VIEWS_STOPPED = kind(
    "views.stopped",
    500,
    zh="{unit_year} 的视图停在日志 {log_id} 的位置 {position}：{error}",
    en="the views of {unit_year} stand still at position {position} of the log {log_id}: {error}",
    do_zh="升级或修复程序后运行 liuhen retry；事实没有丢失，`liuhen events` 可以列出",
    do_en="upgrade or mend the program, then run liuhen retry; no fact is lost, "
    "`liuhen events` lists them",
)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Liuhen:
    """The whole program, wired. Safe for many threads; close it, or use it in a ``with``."""

    settings: Settings
    database: Database
    store: EventStore
    views: ViewDatabase
    runner: Runner
    tools: Tools
    clock: Callable[[], datetime] = field(default=_now)
    examples: Path = field(default=EXAMPLES)

    @cached_property
    def logs(self) -> Logs:
        """Which logs there are, and how far they and the views of them are."""
        return Logs(self.store, self.connection, self.clock)

    def handle(
        self,
        command: Command,
        context: Context,
        *,
        command_id: str,
        if_match: Mapping[str, int] | None = None,
    ) -> Receipt:
        """Carry a command out, once; see ``domain.application.handle``."""
        receipt = application.handle(
            self.store,
            command,
            context,
            command_id=command_id,
            tools=self.tools,
            if_match=if_match,
        )
        self.runner.hint()
        return receipt

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection that reads the views that serve, on one state of them."""
        with self.views.read() as connection:
            yield connection

    @contextmanager
    def adjustments_at(
        self,
        as_of: datetime | None,
        effective_on: date | None = None,
        *,
        undated: bool = False,
        where: adjustments.AdjustmentFilter | None = None,
    ) -> Iterator[Connection]:
        """A connection that answers questions about adjustments as of a moment (None: now), and as
        they count on a business date; with ``undated`` about those that have no date.

        What is not now is folded from the facts into tables of its own, so that the questions are
        the same; it costs a reading of every ledger of the units and years in ``where``.
        """
        if as_of is None and effective_on is None and not undated:
            with self.connection() as connection:
                yield connection
            return
        where = where or adjustments.AdjustmentFilter()

        def seen(fold: UnitYearFold) -> UnitYearFold:
            if undated:
                return only_undated(fold)
            return fold if effective_on is None else counted(fold, effective_on)

        with self.connection() as connection:
            positions = self.logs.positions(connection, as_of, where.log_id)
        with adjustments.folded(self.store, positions, where, seen) as connection:
            yield connection

    def import_documents(self, paths: Sequence[Path], *, actor: str = "import") -> tuple[Done, ...]:
        """Import files, whole or not at all; the same content again gives the old receipts.

        The views follow at the next ``catch_up``. Raises ``Rejected`` with every problem of every file.
        """
        return self.import_sources(sources(paths), actor=actor)

    def check_documents(self, paths: Sequence[Path], *, actor: str = "import") -> None:
        """Look at files as an import does, and store nothing. Raises ``Rejected`` likewise."""
        check_sources(
            self.store,
            sources(paths),
            self._importing(actor),
            tools=self.tools,
            rule_sets=self.shipped_rule_sets(),
        )

    def _importing(self, actor: str) -> Context:
        return Context(
            now=self.clock(), actor=actor, role=Role.IMPORTER, organisation=actor, live=False
        )

    def import_sources(self, given: Sequence[Source], *, actor: str = "import") -> tuple[Done, ...]:
        """As ``import_documents``, for content that is no file (an upload)."""
        done = import_sources(
            self.store,
            given,
            self._importing(actor),
            tools=self.tools,
            rule_sets=self.shipped_rule_sets(),
        )
        self.runner.hint()
        return done

    def batching(self, log_id: str, *, own: str) -> BatchingStore:
        """One log of the store for one writer of a long history, whose command ids begin with
        ``own``: many commands share a transaction, ``flush`` commits the last of them.
        """
        return BatchingStore(SqlEventStore(self.database), log_id, own=own)

    def shipped_rule_sets(self) -> Mapping[str, RuleSet]:
        """The rule sets that come with the product, by name."""
        return _rule_sets(self.examples / "rule-sets")

    def example_documents(self) -> list[Path]:
        """The documents that the demonstration loads, in the order of their names."""
        return sorted((self.examples / "documents").glob("*.yaml"))

    def make_ready(self, *, views: bool = True) -> None:
        """See that the tables are those of this program, and with ``views`` those of the views.

        Migrates the embedded file. Raises ``Rejected``: ``store.not-migrated``;
        ``views.outdated``.
        """
        migration.ensure_current(self.database, embedded=self.settings.embedded)
        if views:
            self.runner.prepare()

    def revision(self) -> str:
        """The revision that the tables are at; "-" for an empty database."""
        return migration.revision_of(self.database)

    def migrate(self) -> str:
        """Bring the tables up to date, and return the revision that is then reached."""
        return migration.migrate(self.database)

    def catch_up(self) -> dict[str, int]:
        """Bring the views up to the logs; returns the position of each log."""
        return self.runner.catch_up()

    def stopped(self) -> list[Problem]:
        """What keeps views from following their logs, one problem for each unit and year."""
        return [
            VIEWS_STOPPED.at(
                one.unit_year,
                unit_year=one.unit_year,
                log_id=one.log_id,
                position=one.position,
                error=one.error,
            )
            for one in self.runner.stopped()
        ]

    def rebuild(
        self,
        *,
        jobs: int = 1,
        switch: bool = True,
        accept: bool = False,
        report: Callable[[Filled], None] = lambda _: None,
        found: Callable[[Difference], None] = lambda _: None,
    ) -> Rebuilt:
        """Fill the views anew beside those that serve, in ``jobs`` processes; see ``Rebuild``."""
        start = partial(bootstrap, self.settings, ready=False)
        workers = partial(filling, start, jobs) if jobs > 1 else None
        work = Rebuild(self.store, self.views, workers=workers, report=report, found=found)
        return work.run(switch=switch, accept=accept)

    def health(self) -> Health:
        """How well the views follow, asked by a process that does not follow them."""
        return msgspec.structs.replace(self.runner.health_of_others(), filling=self.filling())

    def filling(self) -> Filling | None:
        """How far an unfinished rebuild is; None when there is none."""
        return being_filled(self.store, self.views)

    def estimates(
        self,
        listed: Iterable[standing.Listed],
        positions: Mapping[str, int],
        effective_on: date | None,
    ) -> Iterator[current.Evaluation]:
        """推算 one by one: each listed evaluation with the scores that it would have on a business
        date (None: with all its bookings), folded from its facts, unit after unit, and forgotten.
        """
        units = groupby(listed, key=lambda one: (one.form.log_id, unit_year_of(one.form.id)))
        for (log_id, unit_year), forms in units:
            if unit_year is None:
                continue
            then = recall(self.store, log_id, unit_year, positions[log_id])
            fold = counted(then, effective_on)
            for one in forms:
                found = current.derive(fold, one.form.id)
                if found is not None:
                    yield found.evaluation

    def close(self) -> None:
        """End what follows the logs, and close every connection."""
        try:
            self.runner.stop()
        except Exception as error:
            # What is not given back here, because the disk is full, others take over in seconds.
            if not has_given_out(error):
                raise
            logger().warning("not_given_back", exc_info=error)
        finally:
            self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def bootstrap(settings: Settings | None = None, *, ready: bool = True) -> Liuhen:
    """The program on the database that ``settings`` (default: the environment) name.

    ``ready`` False leaves tables and views as they are, for the commands that mend them. Raises
    ``Rejected``: ``settings.invalid``; ``store.not-migrated`` for a database of one's own;
    ``views.outdated``.
    """
    settings = settings or settings_from_environment()
    try:
        database = Database(settings.url)
    except ValueError as unsupported:
        raise Rejected([SETTING_INVALID.at(name="LIUHEN_DATABASE_URL", what=unsupported)]) from None
    store = SqlEventStore(database)
    views = ViewDatabase(database, PROJECTION_VERSION)
    liuhen = Liuhen(
        settings=settings,
        database=database,
        store=store,
        views=views,
        runner=Runner(store, views),
        tools=Tools(new_event_id=new_event_id, new_salt=new_salt, pause=pause),
    )
    if ready:
        try:
            liuhen.make_ready()
        except BaseException:
            liuhen.close()
            raise
    return liuhen


def settings_from_environment() -> Settings:
    """The settings of the environment. Raises ``Rejected`` with every one that is invalid."""
    try:
        return Settings()
    except ValidationError as error:
        raise Rejected(
            SETTING_INVALID.at(
                name=f"LIUHEN_{'_'.join(map(str, one['loc'])).upper()}",
                what=getattr(one.get("ctx", {}).get("error"), "why", one["msg"]),
            )
            for one in error.errors(include_input=False, include_url=False)
        ) from None


def sources(paths: Sequence[Path]) -> list[Source]:
    """The files at ``paths``. Raises ``Rejected`` with each one that cannot be read."""
    found: list[Source] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(Source(str(path), path.read_bytes()))
        except OSError as error:
            what = error.strerror or type(error).__name__
            problems.append(FILE_UNREADABLE.at(str(path), path=path, what=what))
    if problems:
        raise Rejected(problems)
    return found


@cache
def _rule_sets(folder: Path) -> Mapping[str, RuleSet]:
    return rule_sets_in(folder)
