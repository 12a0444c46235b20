"""Whether the stored bytes are still what was stored: leaves of facts, the columns beside them
that are copies, what is remembered of commands, digests of texts.
"""

from collections.abc import Iterator

from sqlalchemy import select

from adapters.database import Database
from adapters.integrity.facts import altered_facts
from adapters.integrity.remembered import remembered
from adapters.integrity.texts import altered_texts
from adapters.schema import logs
from domain.store import Altered


def altered(database: Database, log_id: str, upto: int) -> Iterator[Altered]:
    """What of a log, up to a position, was changed where it lies (``Altered`` says what there is).

    Facts that were cut off at the end are missed by whoever had read them and asks up to there, and
    by commands that have a row of their own, also when others have taken their positions since. A
    changed hash of a request is missed only where it is none, or stands where none belongs: nothing
    else holds it.
    """
    with remembered(database, log_id) as commands:
        # Asked when the commands are: what is appended meanwhile is not missing.
        head = database.query(
            lambda at: at.scalar(select(logs.c.head).where(logs.c.log_id == log_id))
        )
        yield from altered_facts(database, log_id, upto, commands)
        yield from commands.cut_off(upto, head or 0)
    yield from altered_texts(database, log_id)
