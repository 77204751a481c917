"""
Reads and writes the shares of random, blind and overlapping tweets, and reads the random sample behind error rates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db import settings
from db.tables.core import DecisionRow, QueueRow
from db.tweets import HELD_OUT
from emoclf.errors import SettingError

RANDOM_SHARE, BLIND_SHARE, OVERLAP_SHARE = "random", "blind", "overlap"
AT_RANDOM = 0.05  # default: one tweet in twenty


def random_share(session: Session) -> float:
    """The share of the queue that is a random sample, in [0, 1]."""
    return settings.read(session, RANDOM_SHARE, AT_RANDOM)


def blind_share(session: Session, split: str) -> float:
    """The share of a split's tweets whose sources are shown only after the answer; by default all of dev and test."""
    return settings.read(session, f"{BLIND_SHARE} {split}", float(split in HELD_OUT))


def overlap_share(session: Session) -> float:
    """The share of tweets that two reviewers decide; 0 by default."""
    return settings.read(session, OVERLAP_SHARE, 0.0)


def set_random(session: Session, share: float) -> None:
    """Set the random share of the queue."""
    settings.write(session, RANDOM_SHARE, _check(share))


def set_blind(session: Session, split: str, share: float) -> None:
    """Set the blind share of a split."""
    settings.write(session, f"{BLIND_SHARE} {split}", _check(share))


def set_overlap(session: Session, share: float) -> None:
    """Set the share of tweets, among those decided from now on, that two reviewers decide."""
    settings.write(session, OVERLAP_SHARE, _check(share))


def log_length(session: Session, reviewer: str) -> int:
    """Count the rows of a reviewer in the decision log (decisions and undos), without batches.

    This is the position at which `emoclf.review.seeded_draws.mix` continues, so that the random share holds over all
    tweets of a reviewer and not only for the next few.
    """
    own = (DecisionRow.reviewer == reviewer, DecisionRow.batch_id.is_(None))
    return session.scalar(select(func.count()).where(*own)) or 0


@dataclass(frozen=True)
class RandomPrefix:
    """The first tweets of a split in the random order, up to the last decided tweet of the random sample."""

    pairs: Sequence[tuple[frozenset[str], frozenset[str]]]  # (original, decided) labels of tweets a person decided
    by_chance: int  # how many of these came from the random sample; the others were decided for another reason
    missing: int  # undecided tweets among them


def drawn(session: Session, split: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """(original, decided) labels of the decided tweets of the `random_prefix`."""
    return list(random_prefix(session, split).pairs)


def random_prefix(session: Session, split: str) -> RandomPrefix:
    """The tweets of a split in the random order, up to the last decided one of the random sample.

    The random order is independent of doubt. All decided tweets before that position count, for whatever reason they
    were shown, so the share of wrong labels among them is an unbiased estimate for the split. The random sample alone
    would be biased, because the most doubtful tweets leave the queue before it reaches them. Undecided tweets (skipped,
    undone, leased) are counted as missing, because they may be the difficult ones. The prefix ends before the first
    tweet accepted by a batch: nobody checked its labels, and leaving out such tweets would bias the estimate. Tweets
    without original labels are not among them.
    """
    decided = select(QueueRow.place).join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
    last = session.scalar(
        decided.where(*_with_originals(split), DecisionRow.by_chance).order_by(QueueRow.place.desc()).limit(1)
    )
    if last is None:
        return RandomPrefix([], 0, 0)
    within = [*_with_originals(split), QueueRow.place <= last]
    if (end := first_accepted(session, split)) is not None:
        within.append(QueueRow.place < end)
    rows = select(QueueRow.original, DecisionRow.labels, DecisionRow.by_chance)
    rows = rows.join(DecisionRow, DecisionRow.id == QueueRow.decision_id).where(*within).order_by(QueueRow.place)
    found = session.execute(rows).all()
    listed = session.scalar(select(func.count()).select_from(QueueRow).where(*within)) or 0
    pairs = [(original or frozenset(), labels or frozenset()) for original, labels, _ in found]
    return RandomPrefix(pairs, sum(by_chance for *_, by_chance in found), listed - len(pairs))


def first_accepted(session: Session, split: str) -> float | None:
    """The first position in the random order with a tweet accepted by a batch; None if there is none."""
    rows = select(func.min(QueueRow.place)).join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
    return session.scalar(rows.where(*_with_originals(split), DecisionRow.batch_id.is_not(None)))


def _with_originals(split: str) -> tuple[ColumnElement[bool], ...]:
    return QueueRow.split == split, QueueRow.original.is_not(None)


def _check(share: float) -> float:
    if not 0 <= share <= 1:
        raise SettingError(f"the share is {share}, expected a number between 0 and 1")
    return share
