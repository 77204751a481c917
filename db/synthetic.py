"""
Reads synthetic tweets, the results of their gates, and the verdicts of reviewers.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from db.tables.core import TweetRow
from db.tables.synthetic import GateResultRow, SyntheticRow, VerdictRow
from db.values import Labelled
from emoclf.errors import SettingError
from emoclf.synthetic.gate_results import Gated, GateResult
from emoclf.text.twins import twin_key

USES = ("none", "accepted", "all")  # which synthetic tweets are used for training
WAITING, ACCEPTED, REJECTED, DROPPED = "waiting", "accepted", "rejected", "dropped"


@dataclass(frozen=True)
class Synthetic(Gated):
    """A synthetic tweet as shown to users."""

    tweet_id: int
    key: str
    text: str  # as generated
    labels: frozenset[str]  # the requested labels
    emotion: str
    context: str
    engine: str
    prompt_version: str
    gates: Sequence[GateResult]  # in the order in which they ran
    nearest: str | None  # the text of the most similar real tweet
    closeness: float | None
    verdict: "Verdict | None"

    @property
    def state(self) -> str:
        """The state: waiting, accepted, rejected or dropped."""
        kind = self.verdict.kind if self.verdict else None
        if kind in ("accept", "reject"):
            return ACCEPTED if kind == "accept" else REJECTED
        return DROPPED if self.dropped and kind is None else WAITING


@dataclass(frozen=True)
class Verdict:
    """A reviewer's verdict in force on a synthetic tweet."""

    event_id: str
    tweet_id: int
    reviewer: str
    kind: str
    labels: frozenset[str] | None
    text: str | None  # as edited
    reason: str | None
    created_at: dt.datetime


_IN_FORCE = aliased(VerdictRow)
_STATES: dict[str, ColumnElement[bool]] = {
    WAITING: (SyntheticRow.dropped.is_(None) & SyntheticRow.verdict_id.is_(None)) | (_IN_FORCE.kind == "restore"),
    ACCEPTED: _IN_FORCE.kind == "accept",
    REJECTED: _IN_FORCE.kind == "reject",
    DROPPED: SyntheticRow.dropped.is_not(None) & SyntheticRow.verdict_id.is_(None),
}


def found_in(
    session: Session,
    state: str = WAITING,
    emotion: str | None = None,
    limit: int = 25,
    skipped: Collection[int] = (),
) -> list[Synthetic]:
    """The oldest synthetic tweets in a state; those in `skipped` come last."""
    ids = select(SyntheticRow.tweet_id).outerjoin(_IN_FORCE, _IN_FORCE.id == SyntheticRow.verdict_id)
    ids = ids.where(_STATES[state]).order_by(SyntheticRow.tweet_id.in_(skipped), SyntheticRow.tweet_id)
    if emotion:
        ids = ids.where(SyntheticRow.emotion == emotion)
    return items(session, list(session.scalars(ids.limit(limit))))


def items(session: Session, ids: Sequence[int]) -> list[Synthetic]:
    """The synthetic tweets with these ids, in this order."""
    nearest = aliased(TweetRow)
    rows = select(TweetRow, SyntheticRow, VerdictRow, nearest.text)
    rows = rows.join(SyntheticRow, SyntheticRow.tweet_id == TweetRow.id)
    rows = rows.outerjoin(VerdictRow, VerdictRow.id == SyntheticRow.verdict_id)
    rows = rows.outerjoin(nearest, nearest.id == SyntheticRow.nearest_id).where(TweetRow.id.in_(ids))
    gates = _results(session, ids)
    found = {
        tweet.id: _synthetic(tweet, own, gates.get(tweet.id, []), verdict, text)
        for tweet, own, verdict, text in session.execute(rows)
    }
    return [found[i] for i in ids if i in found]


def _results(session: Session, ids: Sequence[int]) -> dict[int, list[GateResult]]:
    """The results of the gates by tweet, in the order in which the gates ran."""
    rows = select(GateResultRow).where(GateResultRow.tweet_id.in_(ids))
    found: dict[int, list[GateResult]] = {}
    for row in session.scalars(rows.order_by(GateResultRow.tweet_id, GateResultRow.place)):
        result = GateResult(row.gate, row.passed, row.value, row.reason, row.details)
        found.setdefault(row.tweet_id, []).append(result)
    return found


def _synthetic(
    tweet: TweetRow, own: SyntheticRow, gates: Sequence[GateResult], verdict: VerdictRow | None, nearest: str | None
) -> Synthetic:
    same = ("emotion", "context", "engine", "prompt_version", "closeness")
    return Synthetic(
        tweet_id=tweet.id,
        key=tweet.key,
        text=tweet.text,
        labels=_requested(tweet),
        gates=gates,
        nearest=nearest,
        verdict=as_verdict(verdict) if verdict else None,
        **{name: getattr(own, name) for name in same},
    )


def _requested(tweet: TweetRow) -> frozenset[str]:
    """The labels with which a synthetic tweet was requested."""
    return tweet.original or frozenset()


def as_verdict(row: VerdictRow) -> Verdict:
    """Convert a row to a plain value."""
    return Verdict(**{name: getattr(row, name) for name in Verdict.__dataclass_fields__})


def trainable(session: Session, use: str) -> list[Labelled]:
    """The synthetic tweets available for training, with the reviewers' edits, in id order.

    Parameters
    ----------
    use : "accepted" by a reviewer; "all" that passed the gates and were not rejected, with the requested labels until
        they are reviewed; "none"

    Raises
    ------
    SettingError : if `use` is none of these
    """
    if use not in USES:
        raise SettingError(f"synthetic is {use!r}, expected one of {', '.join(USES)}")
    if use == "none":
        return []
    wanted = _STATES[ACCEPTED] if use == "accepted" else _STATES[ACCEPTED] | _STATES[WAITING]
    rows = select(TweetRow, _IN_FORCE).join(SyntheticRow, SyntheticRow.tweet_id == TweetRow.id)
    rows = rows.outerjoin(_IN_FORCE, _IN_FORCE.id == SyntheticRow.verdict_id).where(wanted).order_by(TweetRow.id)
    return [_labelled(tweet, verdict) for tweet, verdict in session.execute(rows)]


def _labelled(tweet: TweetRow, verdict: VerdictRow | None) -> Labelled:
    is_accepted = verdict is not None and verdict.kind == "accept"
    text = (verdict.text if verdict and is_accepted else None) or tweet.text
    labels = verdict.labels if verdict and is_accepted and verdict.labels is not None else _requested(tweet)
    who = (verdict.reviewer, verdict.created_at) if verdict and is_accepted else (None, None)
    return Labelled(tweet.id, tweet.key, text, tweet.split, twin_key(text), labels, "synthetic", *who)


def states(session: Session, by: str = "emotion") -> dict[str, dict[str, int]]:
    """Count the synthetic tweets by state, grouped by "emotion", "context", "prompt_version" or "engine"."""
    column = getattr(SyntheticRow, by)
    found: dict[str, dict[str, int]] = {}
    for state, where in _STATES.items():
        rows = select(column, func.count()).outerjoin(_IN_FORCE, _IN_FORCE.id == SyntheticRow.verdict_id).where(where)
        for name, n in session.execute(rows.group_by(column)):
            found.setdefault(name, dict.fromkeys(_STATES, 0))[state] = n
    return {name: found[name] for name in sorted(found)}


def totals(session: Session) -> dict[str, int]:
    """Count the synthetic tweets by state."""
    counted = states(session).values()
    return {state: sum(counts[state] for counts in counted) for state in _STATES}


def reasons(session: Session, emotion: str | None = None) -> list[tuple[str, int]]:
    """(reason, number of rejections in force), most frequent first."""
    rows = select(VerdictRow.reason, func.count()).join(SyntheticRow, SyntheticRow.verdict_id == VerdictRow.id)
    rows = rows.where(VerdictRow.kind == "reject", VerdictRow.reason.is_not(None))
    if emotion:
        rows = rows.where(SyntheticRow.emotion == emotion)
    found = session.execute(rows.group_by(VerdictRow.reason).order_by(func.count().desc(), VerdictRow.reason))
    return [(str(reason), n) for reason, n in found]


def drops(session: Session, emotion: str | None = None) -> dict[str, int]:
    """Count the synthetic tweets dropped by each gate, most frequent first."""
    rows = select(SyntheticRow.dropped, func.count()).where(SyntheticRow.dropped.is_not(None))
    rows = rows.where(SyntheticRow.emotion == emotion) if emotion else rows
    found = session.execute(rows.group_by(SyntheticRow.dropped).order_by(func.count().desc()))
    return {str(gate): n for gate, n in found}


def all_items(session: Session, size: int = 500) -> list[Synthetic]:
    """Every synthetic tweet, oldest first."""
    ids = list(session.scalars(select(SyntheticRow.tweet_id).order_by(SyntheticRow.tweet_id)))
    return [one for start in range(0, len(ids), size) for one in items(session, ids[start : start + size])]
