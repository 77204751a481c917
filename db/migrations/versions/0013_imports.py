"""Imports are recorded, and each tweet names its import; three indexes let tweets be deleted without whole scans."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("first_tweet", sa.Integer(), nullable=False),
        sa.Column("last_tweet", sa.Integer(), nullable=False),
        sa.Column("tweets", sa.Integer(), nullable=False),
        sa.Column("labelled", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    # Alembic would write the foreign key as a step of its own, which SQLite cannot take.
    op.execute("ALTER TABLE tweets ADD COLUMN import_id INTEGER REFERENCES imports (id)")
    op.create_index("ix_tweets_import_id", "tweets", ["import_id"], unique=False)
    op.create_index("ix_run_tweets_tweet", "run_tweets", ["tweet_id"], unique=False)
    op.create_index("ix_batch_tweets_tweet", "batch_tweets", ["tweet_id"], unique=False)
    op.create_index("ix_synthetic_nearest", "synthetic", ["nearest_id"], unique=False)
