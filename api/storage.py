"""What the storage beneath the program says when it gives out, as one coded problem at every door."""

import errno
import sqlite3
from importlib import import_module

from sqlalchemy.exc import SQLAlchemyError

from domain.problems import Problem, kind

STORE_UNAVAILABLE = kind(
    "store.unavailable",
    503,
    zh="数据库用不了：{what}",
    en="the database cannot be used: {what}",
    do_zh="核对 LIUHEN_DATA_DIR 或 LIUHEN_DATABASE_URL、目录权限和剩余空间；"
    "没有得到回执的写入，可用同一命令号再发",
    do_en="check LIUHEN_DATA_DIR or LIUHEN_DATABASE_URL, permissions and free space; a command "
    "without a receipt may be sent again with the same command id",
)
_GIVEN_OUT = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def unavailable(error: BaseException) -> Problem:
    """The problem for an error of the database or of a disk, without statements and parameters."""
    cause = _cause(error)
    what = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
    return STORE_UNAVAILABLE.at(what=what)


def is_store_error(error: BaseException) -> bool:
    """Whether ``error`` comes from the database or the operating system at all."""
    return isinstance(error, (SQLAlchemyError, OSError, sqlite3.Error)) or _is_postgresql(
        error, "Error"
    )


def has_given_out(error: BaseException) -> bool:
    """Whether storage is full, read-only, damaged or not to be had: what an operator can mend, and
    no fault of the program.
    """
    cause = _cause(error)
    if isinstance(cause, OSError):
        return cause.errno in _GIVEN_OUT
    if isinstance(cause, sqlite3.OperationalError) or _is_postgresql(cause, "OperationalError"):
        return True
    code = getattr(cause, "sqlite_errorcode", 0)
    return isinstance(cause, sqlite3.DatabaseError) and code & 0xFF in _DAMAGED


def _cause(error: BaseException) -> BaseException:
    """The driver's error; the message of the one around it quotes the statement."""
    return getattr(error, "orig", None) or error


def _is_postgresql(error: BaseException, name: str) -> bool:
    # The driver is loaded here only when something of its kind was raised: it was loaded then.
    if not type(error).__module__.startswith("psycopg"):
        return False
    return isinstance(error, getattr(import_module("psycopg"), name))
