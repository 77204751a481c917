"""Tweets may have no original labels; the queue holds how soon each of these should be labelled."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = ("tweets", "queue")  # both have a column `original`


def upgrade() -> None:
    for table in TABLES:
        if op.get_bind().dialect.name == "postgresql":
            op.alter_column(table, "original", nullable=True, server_default=None)
        else:
            allow_null(table, "original")
    op.execute("ALTER TABLE tweets ADD COLUMN labels_import_id INTEGER REFERENCES imports (id)")
    op.create_index("ix_tweets_labels_import_id", "tweets", ["labels_import_id"], unique=False)
    op.add_column("queue", sa.Column("labelling", sa.Double(), nullable=False, server_default="0"))
    which = sa.text("decision_id IS NULL AND original IS NULL")
    columns: list[str | sa.TextClause] = ["split", sa.text("labelling DESC"), "place", "tweet_id"]
    op.create_index("ix_queue_by_labelling", "queue", columns, sqlite_where=which, postgresql_where=which)
    which = sa.text("original IS NULL")
    columns = ["split", "decision_id"]
    op.create_index("ix_queue_unlabelled", "queue", columns, sqlite_where=which, postgresql_where=which)


def allow_null(table: str, column: str) -> None:
    """Replace a column of integers by a copy that may be NULL.

    SQLite cannot change a column. A new table in place of the old one would take the foreign keys, triggers and the
    full-text index of `tweets` with it; a column leaves them alone.
    """
    for statement in (
        f"ALTER TABLE {table} ADD COLUMN {column}_or_null INTEGER",
        f"UPDATE {table} SET {column}_or_null = {column}",
        f"ALTER TABLE {table} DROP COLUMN {column}",
        f"ALTER TABLE {table} RENAME COLUMN {column}_or_null TO {column}",
    ):
        op.execute(statement)
