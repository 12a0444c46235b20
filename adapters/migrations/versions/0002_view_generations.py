"""Generations of views: which one serves, and which is being filled.

Views that lay in the database itself are dropped; the first generation is filled from the facts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FORMER = (
    "adjustments",
    "adjustment_openings",
    "deductions",
    "evaluation_figures",
    "evaluation_lines",
    "evaluations",
    "findings",
    "projection_progress",
    "projection_stopped",
    "projection_tracking",
    "projection_version",
    "score_changes",
)

_ONE_OF_EACH = "state IN ('FILLING', 'SERVING')"


def upgrade() -> None:
    op.create_table(
        "view_generations",
        sa.Column("generation", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("projection_version", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.Column("served_at", sa.BigInteger),
        sa.Column("retired_at", sa.BigInteger),
        sa.CheckConstraint(
            "state IN ('FILLING', 'SERVING', 'RETIRED', 'DROPPED')", name="generation_state"
        ),
    )
    op.create_index(
        "one_generation_of_each_state",
        "view_generations",
        ["state"],
        unique=True,
        sqlite_where=sa.text(_ONE_OF_EACH),
        postgresql_where=sa.text(_ONE_OF_EACH),
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in _FORMER:
            op.execute(f"DROP TABLE IF EXISTS {table}")
        return
    op.execute("GRANT SELECT, INSERT, UPDATE ON view_generations TO liuhen_app")
    # The former views belong to the program's role.
    op.execute("SET LOCAL ROLE liuhen_app")
    for table in _FORMER:
        op.execute(f"DROP TABLE IF EXISTS liuhen_views.{table}")
    op.execute("SET LOCAL ROLE liuhen_owner")
