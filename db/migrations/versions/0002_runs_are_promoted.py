"""Runs can be promoted and lose their files; jobs show details and can be asked to wrap up."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("runs", sa.Column("promoted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("runs", sa.Column("files", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("runs", sa.Column("calibration", sa.JSON(), nullable=True))
    op.create_index(
        "ix_runs_promoted",
        "runs",
        ["promoted"],
        unique=True,
        sqlite_where=sa.text("promoted"),
        postgresql_where=sa.text("promoted"),
    )
    op.add_column("jobs", sa.Column("detail", sa.JSON(), nullable=True))
    op.add_column("jobs", sa.Column("wrap_up_requested", sa.Boolean(), server_default=sa.false(), nullable=False))
