"""Several reviewers: tweets are leased, a share is decided by two, and one may settle where they differ."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "leases",
        sa.Column("tweet_id", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tweet_id"], ["tweets.id"]),
        sa.PrimaryKeyConstraint("tweet_id"),
    )
    op.create_index("ix_leases_reviewer", "leases", ["reviewer"], unique=False)
    op.create_table(
        "overlap",
        sa.Column("tweet_id", sa.Integer(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tweet_id"], ["tweets.id"]),
        sa.PrimaryKeyConstraint("tweet_id"),
    )
    op.create_index("ix_overlap_split", "overlap", ["split"], unique=False)
    op.add_column("decisions", sa.Column("adjudicates", sa.Boolean(), server_default=sa.false(), nullable=False))
