"""More orders of the queue; decisions say whether a tweet came by chance, and whether it was decided blind."""

import sqlalchemy as sa
from alembic import op

from emoclf.review.seeded_draws import draw

revision = "0009"
down_revision = "0008"

INDEXES: dict[str, tuple[str | sa.TextClause, ...]] = {
    "ix_queue_by_gain": ("split", sa.text("gain DESC"), "tweet_id"),
    "ix_queue_at_random": ("split", "place", "tweet_id"),
    "ix_queue_by_emotion": ("split", sa.text("emotion DESC"), sa.text("doubt DESC"), "tweet_id"),
}


def upgrade() -> None:
    op.add_column("queue", sa.Column("gain", sa.Double(), nullable=False, server_default="0"))
    op.add_column("queue", sa.Column("place", sa.Double(), nullable=False, server_default="0"))
    for name in ("by_chance", "blind"):
        op.add_column("decisions", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    keys = connection.execute(sa.text("SELECT id, key FROM tweets")).all()
    places = [{"id": i, "place": draw(key, "order")} for i, key in keys]
    if places:
        connection.execute(sa.text("UPDATE queue SET place = :place WHERE tweet_id = :id"), places)
    undecided = sa.text("decision_id IS NULL")
    for name, columns in INDEXES.items():
        op.create_index(name, "queue", list(columns), sqlite_where=undecided, postgresql_where=undecided)
