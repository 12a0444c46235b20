"""Changing what is stored past every barrier, as the owner of the database could."""

from sqlalchemy import Executable, text

from adapters.database import Database

_GUARDS = (
    "events_no_update",
    "events_no_delete",
    "commands_only_forget",
    "commands_no_delete",
    "commands_only_added",
    "texts_no_update",
)
_TRIGGERS = """
SELECT tgname, tgrelid::regclass::text FROM pg_trigger
WHERE tgrelid IN ('events'::regclass, 'commands'::regclass, 'texts'::regclass) AND NOT tgisinternal
"""


def past_every_barrier(database: Database, *statements: str | Executable) -> None:
    """Carry ``statements`` out once nothing guards what is stored any more."""
    with database.transaction() as connection:
        if connection.dialect.name == "sqlite":
            for name in _GUARDS:
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        else:
            connection.execute(text("SET LOCAL ROLE liuhen_owner"))
            connection.execute(text("SET LOCAL search_path = liuhen"))
            for name, table in connection.execute(text(_TRIGGERS)).all():
                connection.execute(text(f"DROP TRIGGER {name} ON {table}"))
        for one in statements:
            connection.execute(text(one) if isinstance(one, str) else one)
