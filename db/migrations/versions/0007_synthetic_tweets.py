"""Synthetic tweets: how each was written, what the gates said, and verdicts that can be added, never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

SQLITE_GUARD = """
CREATE TRIGGER verdicts_are_only_added_{verb} BEFORE {VERB} ON synthetic_verdicts
BEGIN SELECT RAISE(ABORT, 'verdicts are only ever added'); END
"""
# INSERT OR REPLACE deletes without telling a delete trigger.
SQLITE_REPLACE_GUARD = """
CREATE TRIGGER verdicts_are_only_added_replace BEFORE INSERT ON synthetic_verdicts
WHEN EXISTS (
    SELECT 1 FROM synthetic_verdicts WHERE id = NEW.id OR event_id = NEW.event_id OR undoes_id = NEW.undoes_id
)
BEGIN SELECT RAISE(ABORT, 'verdicts are only ever added'); END
"""
POSTGRESQL_GUARD = """
CREATE FUNCTION verdicts_are_only_added() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'verdicts are only ever added'; END $$;
CREATE TRIGGER verdicts_are_only_added BEFORE UPDATE OR DELETE ON synthetic_verdicts
FOR EACH ROW EXECUTE FUNCTION verdicts_are_only_added();
"""


def upgrade() -> None:
    op.create_table(
        "generations",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("prompt_version", sa.Text(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("sampling", sa.JSON(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("replies", sa.JSON(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"]),
        sa.PrimaryKeyConstraint("job_id", "number"),
    )
    op.create_table(
        "synthetic_verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("tweet_id", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tweet_id"], ["tweets.id"]),
        sa.ForeignKeyConstraint(["undoes_id"], ["synthetic_verdicts.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
        sa.UniqueConstraint("undoes_id"),
    )
    op.create_index("ix_synthetic_verdicts_tweet", "synthetic_verdicts", ["tweet_id"], unique=False)
    create_synthetic()
    guard_verdicts(op.get_bind().dialect.name)


def create_synthetic() -> None:
    op.create_table(
        "synthetic",
        sa.Column("tweet_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("emotion", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("brief", sa.JSON(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("prompt_version", sa.Text(), nullable=False),
        sa.Column("passed", sa.JSON(), nullable=False),
        sa.Column("dropped", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("nearest_id", sa.Integer(), nullable=True),
        sa.Column("closeness", sa.Double(), nullable=True),
        sa.Column("bert", sa.Text(), nullable=True),
        sa.Column("judge", sa.Text(), nullable=True),
        sa.Column("readers", sa.JSON(), nullable=False),
        sa.Column("verdict_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["tweet_id"], ["tweets.id"]),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"]),
        sa.ForeignKeyConstraint(["nearest_id"], ["tweets.id"]),
        sa.ForeignKeyConstraint(["verdict_id"], ["synthetic_verdicts.id"]),
        sa.PrimaryKeyConstraint("tweet_id"),
    )
    op.create_index("ix_synthetic_waiting", "synthetic", ["emotion", "dropped", "verdict_id"], unique=False)


def guard_verdicts(dialect: str) -> None:
    """Make the database itself refuse to change history."""
    if dialect == "postgresql":
        op.execute(POSTGRESQL_GUARD)
    else:
        for verb in ("update", "delete"):
            op.execute(SQLITE_GUARD.format(verb=verb, VERB=verb.upper()))
        op.execute(SQLITE_REPLACE_GUARD)
