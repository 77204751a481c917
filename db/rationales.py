"""
Reads and writes rationales: explanations by an LLM of why a tweet carries an emotion.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.core import QueueRow, RationaleRow
from db.values import Rationale


def add_rationale(
    session: Session, tweet_id: int, engine: str, prompt_version: str, emotions: frozenset[str], text: str
) -> None:
    """Add a rationale; older ones are kept."""
    session.add(
        RationaleRow(tweet_id=tweet_id, engine=engine, prompt_version=prompt_version, emotions=emotions, text=text)
    )


def latest_rationales(session: Session, ids: Collection[int]) -> dict[int, Rationale]:
    """The newest rationale of each of these tweets, if any."""
    rows = session.scalars(select(RationaleRow).where(RationaleRow.tweet_id.in_(ids)).order_by(RationaleRow.id))
    return {row.tweet_id: Rationale(row.tweet_id, row.engine, row.emotions, row.text) for row in rows}


def unexplained(session: Session, engine: str, prompt_version: str, limit: int) -> list[int]:
    """The most doubtful undecided tweets that this engine and prompt have not explained."""
    explained = select(RationaleRow.tweet_id).where(
        RationaleRow.engine == engine, RationaleRow.prompt_version == prompt_version
    )
    waiting = select(QueueRow.tweet_id).where(
        QueueRow.decision_id.is_(None), QueueRow.emotion.is_not(None), QueueRow.tweet_id.not_in(explained)
    )
    return list(session.scalars(waiting.order_by(QueueRow.doubt.desc(), QueueRow.tweet_id).limit(limit)))
