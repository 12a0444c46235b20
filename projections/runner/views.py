"""The tables that the runner fills."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from projections import search, tracking
from projections.runner.leases import lease_table
from projections.tables import METADATA

NOTES = (tracking.tracking_table, tracking.progress_table, lease_table, *search.INDEX)
"""Where the runner notes how far it is, and an index; these tables answer no question by rows."""


def view_tables() -> list[Table]:
    """The tables that answer questions, in the order of their names: all but those in which the
    runner notes how far it is.
    """
    return sorted(
        (table for table in METADATA.tables.values() if table not in NOTES),
        key=lambda table: table.name,
    )


def make(connection: Connection) -> None:
    """Make every table that is missing."""
    METADATA.create_all(connection)


def make_anew(connection: Connection) -> None:
    """Make every table anew, empty."""
    METADATA.drop_all(connection)
    METADATA.create_all(connection)


def contents(connection: Connection) -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of every view, in the order of its key, for comparing two sets of views."""
    return {
        view.name: [
            tuple(row) for row in connection.execute(select(view).order_by(*view.primary_key))
        ]
        for view in view_tables()
    }
