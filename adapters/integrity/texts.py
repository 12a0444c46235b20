"""Texts whose bytes do not give the digest by which facts name them, or that name no command."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, bindparam, literal, select

from adapters.database import Database
from adapters.integrity.raw import rows_of, shown
from adapters.reading import Question
from adapters.schema import commands, texts
from domain.store import Altered
from domain.texts import digest_of

_TEXTS_AT_ONCE = 2000
# One look by key for each text: EXISTS could have a server read all commands for each page.
_REMEMBERED = (
    select(literal(1))
    .where(commands.c.log_id == texts.c.log_id, commands.c.command_id == texts.c.command_id)
    .scalar_subquery()
)
_TEXTS = Question(
    select(texts.c.digest, texts.c.salt, texts.c.body, texts.c.command_id, _REMEMBERED)
    .where(texts.c.log_id == bindparam("log_id"), texts.c.digest > bindparam("after"))
    .order_by(texts.c.digest)
    .limit(bindparam("limit", type_=BigInteger))
)


def altered_texts(database: Database, log_id: str) -> Iterator[Altered]:
    """The texts of a log that are not what their facts name, or whose command is not remembered."""
    after: object = ""
    while True:
        asked = {"log_id": log_id, "after": after, "limit": _TEXTS_AT_ONCE}
        rows = rows_of(database, _TEXTS, asked)
        for digest, salt, body, command_id, remembered in rows:
            said = None
            if isinstance(salt, bytes) and isinstance(body, str):
                said = digest_of(salt, body)
            # The text itself is not told: a report is filed, and a redaction does not reach it.
            if said != digest:
                yield Altered(where=log_id, what="text", stored=shown(digest), found=said)
            # Its erasure would not find the salt of the request that brought it.
            if not remembered:
                where = shown(digest) or log_id
                stored = shown(command_id)
                yield Altered(where=where, what="command_id", stored=stored, found=None)
        if len(rows) < _TEXTS_AT_ONCE or rows[-1][0] == after:
            return
        after = rows[-1][0]
