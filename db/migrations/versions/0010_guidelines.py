"""Guidelines: each edit of an emotion's guideline is a row, and decisions name the version they were made under."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

GUARD_SQLITE = tuple(
    f"CREATE TRIGGER guidelines_are_only_added_{verb.lower()} BEFORE {verb} ON guidelines "
    "BEGIN SELECT RAISE(ABORT, 'guidelines are only ever added'); END"
    for verb in ("UPDATE", "DELETE")
)
GUARD_POSTGRESQL = (
    "CREATE FUNCTION guidelines_are_only_added() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'guidelines are only ever added'; END $$",
    "CREATE TRIGGER guidelines_are_only_added BEFORE UPDATE OR DELETE ON guidelines "
    "FOR EACH ROW EXECUTE FUNCTION guidelines_are_only_added()",
)


def upgrade() -> None:
    op.create_table(
        "guidelines",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("emotion", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.Column("counter_examples", sa.JSON(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.add_column("decisions", sa.Column("guidelines", sa.Integer(), nullable=True))
    guard = GUARD_POSTGRESQL if op.get_bind().dialect.name == "postgresql" else GUARD_SQLITE
    for statement in guard:
        op.execute(statement)
