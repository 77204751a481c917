"""Batches: the labels of a list are accepted in one go; each such decision names its batch."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("tweets", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("guidelines", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=True),
        sa.Column("at_most", sa.Integer(), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "batch_tweets",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("tweet_id", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"]),
        sa.ForeignKeyConstraint(["tweet_id"], ["tweets.id"]),
        sa.PrimaryKeyConstraint("batch_id", "tweet_id"),
    )
    partly("ix_batch_tweets_sampled", "batch_tweets", ["tweet_id", "batch_id"], "sampled = 1", "sampled")
    # Alembic would write the foreign key as a step of its own, which SQLite cannot take.
    op.execute("ALTER TABLE decisions ADD COLUMN batch_id INTEGER REFERENCES batches (id)")
    partly("ix_decisions_batch", "decisions", ["batch_id", "tweet_id"], *2 * ["batch_id IS NOT NULL"])


def partly(name: str, table: str, columns: list[str], sqlite: str, postgresql: str) -> None:
    """An index of some rows only, as either database says which."""
    op.create_index(name, table, columns, sqlite_where=sa.text(sqlite), postgresql_where=sa.text(postgresql))
