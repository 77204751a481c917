"""
Checks records against the rows that they count or describe: texts, imports, batches, gates, runs, probabilities.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sqlalchemy import Integer, Select, case, cast, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from db.checks.findings import Finding, found_among, found_by
from db.tables.batches import BatchRow, BatchTweetRow
from db.tables.core import DecisionRow, PredictionRow, RunRow, RunTweetRow, SuggestionRow, TweetRow
from db.tables.imports import ImportRow
from db.tables.synthetic import GateResultRow, SyntheticRow
from db.tweets import text_hash
from emoclf.labels import EMOTIONS
from emoclf.tweets import SPLITS

ROLES = ("train", "slice", "dev", "synthetic")
AT_ONCE = 5000  # rows


def texts(session: Session) -> Iterator[Finding]:
    """Texts that are no longer those that were imported, and unknown splits."""
    rows = select(TweetRow.id, TweetRow.text, TweetRow.text_hash).order_by(TweetRow.id)
    found = session.execute(rows.execution_options(yield_per=AT_ONCE))
    changed = [tweet_id for tweet_id, words, known in found if text_hash(words) != known]
    yield from found_among("texts of tweets are not those that were imported", changed)
    in_none = select(TweetRow.id).where(TweetRow.split.not_in(SPLITS)).order_by(TweetRow.id)
    yield from found_by(session, "tweets are in an unknown split", in_none)


def imports(session: Session) -> Iterator[Finding]:
    """Imports whose ranges or counts do not fit their tweets."""
    outside = or_(TweetRow.id < ImportRow.first_tweet, TweetRow.id > ImportRow.last_tweet)
    rows = select(TweetRow.id).join(ImportRow, ImportRow.id == TweetRow.import_id).where(outside)
    yield from found_by(session, "tweets lie outside the range of their import", rows.order_by(TweetRow.id))
    own = select(func.count()).where(TweetRow.import_id == ImportRow.id).correlate(ImportRow).scalar_subquery()
    labelled = select(func.count()).where(TweetRow.labels_import_id == ImportRow.id)
    given = labelled.correlate(ImportRow).scalar_subquery()
    miscounted = or_(own > ImportRow.tweets, given > ImportRow.labelled)
    lacking = ImportRow.undone_at.is_(None) & (own != ImportRow.tweets)
    rows = select(ImportRow.id).where(or_(miscounted, lacking)).order_by(ImportRow.id)
    yield from found_by(session, "imports have another number of tweets than they brought", rows)
    rows = select(TweetRow.id).where(TweetRow.labels_import_id.is_not(None), TweetRow.original.is_(None))
    yield from found_by(session, "tweets lack the labels that an import gave them", rows.order_by(TweetRow.id))
    if session.get_bind().dialect.name == "sqlite":  # a server may mix the ids of imports that run at the same time
        ranges = select(ImportRow.id, ImportRow.first_tweet, ImportRow.last_tweet).where(ImportRow.tweets > 0)
        found = session.execute(ranges.order_by(ImportRow.first_tweet)).all()
        overlapping = [two.id for one, two in pairwise(found) if two.first_tweet <= one.last_tweet]
        yield from found_among("imports have overlapping ranges of tweets", overlapping)


def batches(session: Session) -> Iterator[Finding]:
    """Batches whose lists do not fit their decisions."""
    listed = select(BatchTweetRow.tweet_id).where(
        BatchTweetRow.batch_id == DecisionRow.batch_id, BatchTweetRow.tweet_id == DecisionRow.tweet_id
    )
    rows = select(DecisionRow.id).where(DecisionRow.batch_id.is_not(None), ~listed.exists()).order_by(DecisionRow.id)
    yield from found_by(session, "decisions belong to a batch that does not list their tweet", rows)
    for kind, outcomes in (("decide", ("accepted", "undone", "kept")), ("undo", ("undone", "kept"))):
        made = select(DecisionRow.id).where(
            DecisionRow.batch_id == BatchTweetRow.batch_id,
            DecisionRow.tweet_id == BatchTweetRow.tweet_id,
            DecisionRow.kind == kind,
        )
        of_batch = select(BatchTweetRow.batch_id, BatchTweetRow.tweet_id)
        lacking = of_batch.where(BatchTweetRow.outcome.in_(outcomes), ~made.exists())
        name = "decision" if kind == "decide" else "undo"
        what = f"tweets of a batch have an outcome without its {name}"
        yield from found_by(session, what, lacking.order_by(BatchTweetRow.batch_id, BatchTweetRow.tweet_id))
    counted = select(func.count()).where(BatchTweetRow.batch_id == BatchRow.id).correlate(BatchRow).scalar_subquery()
    rows = select(BatchRow.id).where(BatchRow.state != "dropped", counted != BatchRow.tweets).order_by(BatchRow.id)
    yield from found_by(session, "batches list another number of tweets than they record", rows)


def gates(session: Session) -> Iterator[Finding]:
    """Synthetic tweets that were dropped by another gate than the first one that they failed."""
    earlier = aliased(GateResultRow)
    before = select(earlier.gate).where(
        earlier.tweet_id == GateResultRow.tweet_id, ~earlier.passed, earlier.place < GateResultRow.place
    )
    failed = select(GateResultRow.gate).where(
        GateResultRow.tweet_id == SyntheticRow.tweet_id, ~GateResultRow.passed, ~before.exists()
    )
    first = failed.correlate(SyntheticRow).limit(1).scalar_subquery()
    rows = select(SyntheticRow.tweet_id).where(SyntheticRow.dropped.is_distinct_from(first))
    yield from found_by(
        session,
        "synthetic tweets have another gate than the one that they failed",
        rows.order_by(SyntheticRow.tweet_id),
    )


def runs(session: Session) -> Iterator[Finding]:
    """Records of runs that contradict themselves, and probabilities of another number than the labels."""
    rows = select(RunTweetRow.run_id, RunTweetRow.tweet_id).where(RunTweetRow.role.not_in(ROLES))
    yield from found_by(
        session, "tweets of runs have an unknown role", rows.order_by(*RunTweetRow.__table__.primary_key)
    )
    promoted = select(RunRow.id).where(RunRow.promoted, ~RunRow.files)
    yield from found_by(session, "the promoted run has no files", promoted)
    other = aliased(RunRow)
    shared = select(other.id).where(other.folder == RunRow.folder, other.id < RunRow.id, other.files).exists()
    yield from found_by(session, "runs share the folder of another run", select(RunRow.id).where(RunRow.files, shared))
    for row in (SuggestionRow, PredictionRow):
        key = row.__table__.primary_key
        what = f"rows of {row.__tablename__} have another number of probabilities than there are emotions"
        yield from found_by(session, what, _lengths(session, row).order_by(*key))


def _lengths(session: Session, row: Any) -> Select[Any]:
    if session.get_bind().dialect.name == "sqlite":
        written = type_coerce(row.probabilities, Integer)
        length: Any = case((func.json_valid(written) == 1, func.json_array_length(written)), else_=-1)
    else:
        length = func.jsonb_array_length(cast(row.probabilities, JSONB))
    return select(*row.__table__.primary_key).where(length != len(EMOTIONS))
