"""Results of gates are rows; before, some gates had columns of their own in the table of synthetic tweets."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

# The order of the probabilities in stores of this schema.
EMOTIONS = (
    "anger",
    "anticipation",
    "disgust",
    "fear",
    "joy",
    "love",
    "optimism",
    "pessimism",
    "sadness",
    "surprise",
    "trust",
)
READERS = ("bert", "judge")  # the gates with a column of probabilities
AT_ONCE = 1000  # synthetic tweets

OLD = sa.table(
    "synthetic",
    sa.column("tweet_id", sa.Integer()),
    sa.column("emotion", sa.Text()),
    sa.column("passed", sa.JSON()),
    sa.column("dropped", sa.Text()),
    sa.column("reason", sa.Text()),
    sa.column("bert", sa.Text()),
    sa.column("judge", sa.Text()),
    sa.column("readers", sa.JSON()),
)


def upgrade() -> None:
    results = op.create_table(
        "gate_results",
        sa.Column("tweet_id", sa.Integer(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["tweet_id"], ["synthetic.tweet_id"]),
        sa.PrimaryKeyConstraint("tweet_id", "gate"),
    )
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(
        sa.select(OLD).where(OLD.c.tweet_id > last).order_by(OLD.c.tweet_id).limit(AT_ONCE)
    ).all():
        last = rows[-1].tweet_id
        if found := [result for row in rows for result in results_of(row)]:
            connection.execute(sa.insert(results), found)
    for column in ("passed", "reason", "bert", "judge", "readers"):
        op.drop_column("synthetic", column)


def results_of(row: Any) -> Iterator[dict[str, Any]]:
    """The results of the gates of one synthetic tweet, in the order in which the gates ran."""
    said = {gate: json.loads(getattr(row, gate)) for gate in READERS if getattr(row, gate)}
    passed = [gate for gate in dict.fromkeys([*row.passed, *said]) if gate != row.dropped]
    for place, gate in enumerate(passed if row.dropped is None else [*passed, row.dropped]):
        details = {"reader": row.readers[gate]} if gate in row.readers else {}
        yield {
            "tweet_id": row.tweet_id,
            "gate": gate,
            "place": place,
            "passed": gate != row.dropped,
            "value": said[gate][EMOTIONS.index(row.emotion)] if gate in said else None,
            "reason": row.reason if gate == row.dropped else "",
            "details": details | ({"probabilities": said[gate]} if gate in said else {}),
        }
