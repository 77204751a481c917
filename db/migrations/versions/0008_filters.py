"""Filters and full-text search: the queue holds what each source says, and words of tweets have an index."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

SEARCH_SQLITE = (
    "CREATE VIRTUAL TABLE tweet_words USING fts5(text, content='tweets', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2')",
    "INSERT INTO tweet_words(tweet_words) VALUES ('rebuild')",
    "CREATE TRIGGER tweet_words_insert AFTER INSERT ON tweets BEGIN "
    "INSERT INTO tweet_words(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER tweet_words_delete AFTER DELETE ON tweets BEGIN "
    "INSERT INTO tweet_words(tweet_words, rowid, text) VALUES ('delete', old.id, old.text); END",
    "CREATE TRIGGER tweet_words_update AFTER UPDATE OF text ON tweets BEGIN "
    "INSERT INTO tweet_words(tweet_words, rowid, text) VALUES ('delete', old.id, old.text); "
    "INSERT INTO tweet_words(rowid, text) VALUES (new.id, new.text); END",
)
SEARCH_POSTGRESQL = ("CREATE INDEX ix_tweets_words ON tweets USING gin (to_tsvector('simple', text))",)

ORIGINALS = """
UPDATE queue SET original = (SELECT original FROM tweets WHERE tweets.id = queue.tweet_id)
"""
# As the review chooses a prediction: by a model that never saw the tweet, then of the promoted run, then the newest.
PREDICTED = """
UPDATE queue SET predicted = (
  SELECT predictions.labels FROM predictions JOIN runs ON runs.id = predictions.run_id
  WHERE predictions.tweet_id = queue.tweet_id
  ORDER BY predictions.out_of_fold DESC, runs.promoted DESC, runs.id DESC LIMIT 1)
"""
FLAGGED = """
UPDATE queue SET flagged = true WHERE tweet_id IN (
  SELECT tweet_id FROM flags WHERE comment IS NOT NULL AND id IN (SELECT max(id) FROM flags GROUP BY tweet_id))
"""


def upgrade() -> None:
    op.add_column("queue", sa.Column("original", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("queue", sa.Column("suggested", sa.Integer(), nullable=True))
    op.add_column("queue", sa.Column("predicted", sa.Integer(), nullable=True))
    op.add_column("queue", sa.Column("flagged", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "saved_filters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    search = SEARCH_POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SEARCH_SQLITE
    for statement in (ORIGINALS, PREDICTED, FLAGGED, *search):
        op.execute(statement)
