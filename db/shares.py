"""
Shares: how many tweets come by chance, blind, or to a second reviewer too, for everybody who uses the store.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import settings
from db.tables.core import DecisionRow, QueueRow
from db.tweets import HELD_OUT
from emoclf.errors import SettingError

RANDOM_SHARE, BLIND_SHARE, OVERLAP_SHARE = "random", "blind", "overlap"
AT_RANDOM = 0.05  # by default one tweet in twenty


def random_share(session: Session) -> float:
    """The share of the tweets in a queue that are drawn at random, in [0, 1]."""
    return settings.read(session, RANDOM_SHARE, AT_RANDOM)


def blind_share(session: Session, split: str) -> float:
    """The share of a split's tweets whose sources are shown after the answer; dev and test are blind by default."""
    return settings.read(session, f"{BLIND_SHARE} {split}", float(split in HELD_OUT))


def overlap_share(session: Session) -> float:
    """The share of tweets that two reviewers decide; none by default."""
    return settings.read(session, OVERLAP_SHARE, 0.0)


def set_random(session: Session, share: float) -> None:
    """Draw this share of the tweets in a queue at random from now on."""
    settings.write(session, RANDOM_SHARE, _check(share))


def set_blind(session: Session, split: str, share: float) -> None:
    """Let this share of a split's tweets come blind from now on."""
    settings.write(session, f"{BLIND_SHARE} {split}", _check(share))


def set_overlap(session: Session, share: float) -> None:
    """Let two reviewers decide this share of the tweets, of those decided from now on."""
    settings.write(session, OVERLAP_SHARE, _check(share))


def places(session: Session, reviewer: str) -> int:
    """How many tweets a reviewer has had: the random share is kept over all of them."""
    had = (DecisionRow.reviewer == reviewer, DecisionRow.batch_id.is_(None))
    return session.scalar(select(func.count()).where(*had)) or 0


@dataclass(frozen=True)
class Stretch:
    """The first tweets of a split in the random order, up to the last one that came up by chance and was decided."""

    pairs: Sequence[tuple[frozenset[str], frozenset[str]]]  # (original, decided) labels of those that a person decided
    by_chance: int  # of them, those that came up by chance; the others were decided for another reason
    missing: int  # tweets of the stretch that nobody has decided


def drawn(session: Session, split: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """(original, decided) labels of the decided tweets of the `stretch`."""
    return list(stretch(session, split).pairs)


def stretch(session: Session, split: str) -> Stretch:
    """The tweets of a split that stand before the last one drawn in the random order.

    That order knows nothing of doubt, and all before that place count, for whichever reason they were decided, so that
    what was found wrong among them estimates without bias how much is wrong in the split. What was drawn alone would
    not: the more doubtful tweets have left the queue before chance comes to them. Undecided ones (skipped, undone, in
    front of somebody) are counted, since they may be undecided because they are hard. The stretch ends where the first
    tweet stands that a batch accepted: nobody knows whether its labels are right, and to leave such tweets out would
    favour the others.
    """
    decided = select(QueueRow.place).join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
    last = session.scalar(
        decided.where(QueueRow.split == split, DecisionRow.by_chance).order_by(QueueRow.place.desc()).limit(1)
    )
    if last is None:
        return Stretch([], 0, 0)
    within = [QueueRow.split == split, QueueRow.place <= last]
    if (end := first_accepted(session, split)) is not None:
        within.append(QueueRow.place < end)
    rows = select(QueueRow.original, DecisionRow.labels, DecisionRow.by_chance)
    rows = rows.join(DecisionRow, DecisionRow.id == QueueRow.decision_id).where(*within).order_by(QueueRow.place)
    found = session.execute(rows).all()
    listed = session.scalar(select(func.count()).select_from(QueueRow).where(*within)) or 0
    pairs = [(original, labels or frozenset()) for original, labels, _ in found]
    return Stretch(pairs, sum(by_chance for *_, by_chance in found), listed - len(pairs))


def first_accepted(session: Session, split: str) -> float | None:
    """The first place in the random order with a tweet that a batch accepted; None where there is none."""
    rows = select(func.min(QueueRow.place)).join(DecisionRow, DecisionRow.id == QueueRow.decision_id)
    return session.scalar(rows.where(QueueRow.split == split, DecisionRow.batch_id.is_not(None)))


def _check(share: float) -> float:
    if not 0 <= share <= 1:
        raise SettingError(f"the share is {share}, expected a number between 0 and 1")
    return share
