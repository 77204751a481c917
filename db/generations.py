"""
Writes the results of each round of requests to a language model, and reads the results so far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.imports import new_ids
from db.tables.core import TweetRow
from db.tables.synthetic import GateResultRow, GenerationRow, SyntheticRow
from db.tweets import text_hash
from emoclf.synthetic.gate_results import Gated, GateResult
from emoclf.text.twins import twin_key


@dataclass(frozen=True)
class Written(Gated):
    """A synthetic tweet to store, with the results of its gates."""

    text: str
    labels: frozenset[str]  # the requested labels
    emotion: str
    context: str
    brief: Mapping[str, Any]
    gates: Sequence[GateResult]  # in the order in which they ran
    nearest_id: int | None = None
    closeness: float | None = None


@dataclass(frozen=True)
class Round:
    """The result of one round: one request per context."""

    job_id: int
    number: int
    engine: str
    prompt_version: str
    rules: Sequence[str]
    sampling: Mapping[str, Any]
    seed: int
    replies: Sequence[str]
    problem: str = ""

    def because(self, problem: str) -> "Round":
        """The same round, with the reason why some requests failed."""
        return replace(self, problem=problem)


def add_round(session: Session, found: Round, written: Sequence[Written]) -> None:
    """Add a round and its tweets. Synthetic tweets are not in the review queue."""
    session.add(GenerationRow(**_plain(found)))
    session.flush()
    if not written:
        return
    ids = new_ids(session, len(written))
    tweets = [
        {
            "id": tweet_id,
            "key": f"synthetic-{found.job_id}-{found.number}-{place}",
            "text": one.text,
            "text_hash": text_hash(one.text),
            "split": "train",
            "origin": "synthetic",
            "twin_group": twin_key(one.text),
            "original": one.labels,
            "metadata_": {},
        }
        for place, (tweet_id, one) in enumerate(zip(ids, written, strict=True))
    ]
    session.execute(insert(TweetRow), tweets)
    of_round = {"job_id": found.job_id, "number": found.number, "engine": found.engine, "verdict_id": None}
    of_round["prompt_version"] = found.prompt_version
    of_tweet = ("emotion", "context", "dropped", "nearest_id", "closeness")
    session.execute(
        insert(SyntheticRow),
        [
            {"tweet_id": i, "brief": dict(one.brief), **of_round, **{name: getattr(one, name) for name in of_tweet}}
            for i, one in zip(ids, written, strict=True)
        ],
    )
    results = [row for i, one in zip(ids, written, strict=True) for row in _result_rows(i, one.gates)]
    if results:
        session.execute(insert(GateResultRow), results)


def _plain(found: Round) -> dict[str, Any]:
    given = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return given | {"rules": list(found.rules), "replies": list(found.replies), "sampling": dict(found.sampling)}


def _result_rows(tweet_id: int, results: Sequence[GateResult]) -> list[dict[str, Any]]:
    return [
        {"tweet_id": tweet_id, "place": place, **vars(result), "details": dict(result.details)}
        for place, result in enumerate(results)
    ]


def rounds(session: Session, job_id: int) -> int:
    """Count the finished rounds of a job."""
    return session.scalar(select(func.count()).select_from(GenerationRow).where(GenerationRow.job_id == job_id)) or 0


def tally(session: Session, job_id: int) -> dict[str, Any]:
    """Count the tweets of a job so far: generated, kept (passed all gates), and dropped by each gate."""
    rows = select(SyntheticRow.dropped, func.count()).where(SyntheticRow.job_id == job_id)
    found = dict(session.execute(rows.group_by(SyntheticRow.dropped).order_by(func.count().desc())).all())
    kept = found.pop(None, 0)
    return {"generated": kept + sum(found.values()), "kept": kept, "dropped": found}


def real_texts(session: Session) -> list[tuple[int, str, str]]:
    """(id, text, split) of every real tweet, in id order."""
    rows = select(TweetRow.id, TweetRow.text, TweetRow.split).where(TweetRow.origin == "imported")
    return [(i, text, split) for i, text, split in session.execute(rows.order_by(TweetRow.id))]


def kept_texts(session: Session) -> list[str]:
    """The texts of the synthetic tweets that passed the gates, oldest first."""
    rows = select(TweetRow.text).join(SyntheticRow, SyntheticRow.tweet_id == TweetRow.id)
    return list(session.scalars(rows.where(SyntheticRow.dropped.is_(None)).order_by(TweetRow.id)))


def newest(session: Session, job_id: int, limit: int) -> list[int]:
    """The ids of the last tweets that a job generated, newest first."""
    rows = select(SyntheticRow.tweet_id).where(SyntheticRow.job_id == job_id)
    return list(session.scalars(rows.order_by(SyntheticRow.tweet_id.desc()).limit(limit)))


def engines(session: Session) -> list[str]:
    """Every model that has generated synthetic tweets."""
    return list(session.scalars(select(GenerationRow.engine).distinct().order_by(GenerationRow.engine)))
