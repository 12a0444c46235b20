"""Brings the tables to the state that this code needs, by command.

``ensure_current`` is for the composition root: it migrates the embedded file by itself, since
nobody else administers it, and asks for the command on every other database.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from adapters.database import Database
from adapters.schema import REVISION
from domain.problems import Rejected, kind

NOT_MIGRATED = kind(
    "store.not-migrated",
    503,
    zh="数据库结构为 {found}，本程序需要 {needed}",
    en="the tables are at revision {found}, this program needs {needed}",
    do_zh="先运行 liuhen migrate；若数据库较新，请升级程序",
    do_en="run liuhen migrate first; if the database is newer, upgrade the program",
)
_EMPTY = "-"


def migrate(database: Database) -> str:
    """Run the missing migrations, all or none, and return the revision that is then reached.

    Processes that migrate at the same time wait for each other. Raises ``Rejected``
    (``store.not-migrated``) when the database is newer than this program.
    """
    # Alembic is needed here only, and takes a tenth of a second to load.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with database.migration() as connection:
        found = _revision(connection)
        if found not in known | {_EMPTY}:
            raise Rejected([NOT_MIGRATED.at(found=found, needed=REVISION)])
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return _revision(connection)


def is_current(database: Database) -> bool:
    """Whether the tables are those that this code needs."""
    return revision_of(database) == REVISION


def revision_of(database: Database) -> str:
    """The revision that the tables are at, "-" for an empty database."""
    with database.read() as connection:
        return _revision(connection)


def ensure_current(database: Database, *, embedded: bool) -> None:
    """Migrate an embedded database; raise ``Rejected`` (``store.not-migrated``) for any other
    whose tables are not those that this code needs.
    """
    found = revision_of(database)
    if found == REVISION:
        return
    if not embedded:
        raise Rejected([NOT_MIGRATED.at(found=found, needed=REVISION)])
    migrate(database)


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return _EMPTY
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return _EMPTY if found is None else str(found)
