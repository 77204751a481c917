"""
Statistics about reviewers (work, agreement, anchoring bias), adjudication of disagreements, and estimated error rates.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

from db import guidelines, inspections, overlap, reviewers, shares
from db.decisions import NewDecision, add_decision, decision_id
from db.queue_items import queue_items
from db.reviewers import First
from db.store import Store
from db.values import Decided, Judged, QueueItem
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.metrics import anchoring
from emoclf.metrics.anchoring import MIN_DECISIONS, BlindDraw, Difference
from emoclf.metrics.error_rates import ErrorRate
from emoclf.metrics.reviewer_agreement import Estimate, Unit, alpha, kappas, named
from emoclf.review.seeded_draws import draw
from jobs.review.cards import original_of
from jobs.review.review_card import right_sources

FOLLOWS_SHARE, FOLLOWS_SECONDS, FOLLOWS_DECISIONS = 0.95, 2.0, 20  # from here a reviewer may be following the model
SOURCES = ("original", "suggestion", "prediction")
ANY = -1  # in place of an id: whichever decision is in force


@dataclass(frozen=True)
class Reviewer:
    """The work of one reviewer."""

    name: str
    decisions: int
    seconds: float | None  # median of the timed decisions
    accepted: Mapping[str, float]  # by source on the screen: the share of tweets decided exactly as the source
    follows: bool  # nearly always takes the suggestion, faster than it can be judged


@dataclass(frozen=True)
class Side:
    """The decisions on a split that are blind, or those with the sources shown (assisted)."""

    decisions: int
    seconds: float | None  # median of the timed decisions
    kept: float  # share of tweets whose original labels were kept
    rates: Mapping[str, float]  # share of tweets with each emotion


@dataclass(frozen=True)
class Sides:
    """Blind and assisted decisions under the same share of blind tweets."""

    blind: Side
    assisted: Side
    kept: Difference  # assisted minus blind
    rates: Mapping[str, Difference]  # by emotion

    @property
    def is_enough(self) -> bool:
        """Whether both sides have enough decisions for a meaningful difference."""
        return min(self.blind.decisions, self.assisted.decisions) >= MIN_DECISIONS


@dataclass(frozen=True)
class ReviewerAgreement:
    """The agreement of reviewers on tweets that several of them decided."""

    tweets: int
    alpha: Estimate | None  # Krippendorff's alpha; None with too few tweets
    kappas: Mapping[str, Estimate]  # Cohen's kappa by emotion, without emotions that have too few tweets
    named: Mapping[str, int]  # by emotion the tweets that at least one reviewer gave it

    @classmethod
    def on(cls, units: Sequence[Unit]) -> "ReviewerAgreement":
        """Compute the agreement on these tweets."""
        return cls(len(units), alpha(units), kappas(units), named(units))


@dataclass(frozen=True)
class ReviewerAgreements:
    """The agreement on tweets that all their reviewers decided blind, and on the others.

    Reviewers who saw the same suggestions agree more than their own judgement would make them.
    """

    blind: ReviewerAgreement
    assisted: ReviewerAgreement


@dataclass(frozen=True)
class Differing:
    """A tweet on which reviewers differ, with the labels of each."""

    item: QueueItem
    labels: Mapping[str, frozenset[str]]  # by reviewer

    @property
    def by_emotion(self) -> dict[str, list[str]]:
        """The reviewers who gave each emotion, without emotions nobody gave."""
        named = {
            emotion: [who for who, labels in self.labels.items() if emotion in labels] for emotion in EMOTIONS.names
        }
        return {emotion: who for emotion, who in named.items() if who}

    @property
    def majority(self) -> list[str]:
        """The emotions given by more than half of the reviewers."""
        return [emotion for emotion, who in self.by_emotion.items() if 2 * len(who) > len(self.labels)]


@dataclass(frozen=True)
class Report:
    """All statistics about reviewers that depend only on decisions."""

    work: Sequence[Reviewer]  # most decisions first
    sides: Mapping[tuple[str, str], Sides]  # by reviewer ("" for all) and split
    agreement: ReviewerAgreements
    waiting: int  # tweets with disagreement and no adjudication
    first: Differing | None  # the first of these tweets


def report(store: Store) -> Report:
    """Read every decision once and compute the statistics."""
    with store.reading() as session:
        judged, firsts = list(reviewers.judged(session)), list(reviewers.firsts(session))
    waiting, first = differing(store, limit=1)
    return Report(work_done(judged), sides(firsts), agreement(store), waiting, first[0] if first else None)


def work_done(judged: Iterable[Judged]) -> list[Reviewer]:
    """The work of every reviewer, most decisions first."""
    by_name: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_name[one.reviewer].append(one)
    found = [_summed_up(name, own) for name, own in by_name.items()]
    return sorted(found, key=lambda reviewer: (-reviewer.decisions, reviewer.name))


def _summed_up(name: str, judged: Sequence[Judged]) -> Reviewer:
    assisted = [one for one in judged if not one.blind]  # blind decisions were made without sources
    shown, taken = Counter[str](), Counter[str]()
    for one in assisted:
        right = [set(sources) for sources in one.right_sources.values()]
        shown.update(set().union(*right))
        taken.update(set.intersection(*right) if right else ())
    accepted = {source: taken[source] / shown[source] for source in SOURCES if shown[source]}
    seconds = _median(assisted)
    follows = (
        shown["suggestion"] >= FOLLOWS_DECISIONS
        and accepted["suggestion"] > FOLLOWS_SHARE
        and seconds is not None
        and seconds < FOLLOWS_SECONDS
    )
    return Reviewer(name, len(judged), _median(judged), accepted, follows)


def sides(firsts: Iterable[First]) -> dict[tuple[str, str], Sides]:
    """Compare blind and assisted decisions of one period, by reviewer ("" for all) and split, if both exist."""
    by_split: dict[str, list[First]] = defaultdict(list)
    for one in firsts:
        by_split[one.split].append(one)
    found = {}
    for split, made in by_split.items():
        names = anchoring.periods(BlindDraw(draw(one.key, "blind"), one.blind, one.blind_share) for one in made)
        for reviewer in ("", *sorted({one.reviewer for one in made})):
            own = [i for i, one in enumerate(made) if reviewer in ("", one.reviewer)]
            best = anchoring.most_informative_period([names[i] for i in own], [made[i].blind for i in own])
            if both := _sides([made[own[i]] for i in best]):
                found[reviewer, split] = both
    return found


def _sides(made: Sequence[First]) -> Sides | None:
    blind, assisted = [one for one in made if one.blind], [one for one in made if not one.blind]
    if not blind or not assisted:
        return None
    groups = [one.twin_group for one in assisted], [one.twin_group for one in blind]

    def moved(is_so: Callable[[First], bool]) -> Difference:
        return anchoring.difference([is_so(one) for one in assisted], [is_so(one) for one in blind], groups)

    rates = {emotion: moved(partial(_names, emotion)) for emotion in EMOTIONS.names}
    return Sides(_side(blind), _side(assisted), moved(_is_kept), rates)


def _names(emotion: str, one: First) -> bool:
    return emotion in one.labels


def _is_kept(one: First) -> bool:
    return one.labels == one.original


def _side(made: Sequence[First]) -> Side:
    kept = sum(map(_is_kept, made)) / len(made)
    named = Counter(emotion for one in made for emotion in one.labels)
    rates = {emotion: named[emotion] / len(made) for emotion in EMOTIONS.names}
    return Side(len(made), _median(made), kept, rates)


def _median(made: Iterable[Judged | First]) -> float | None:
    seconds = [one.seconds for one in made if one.seconds is not None]
    return median(seconds) if seconds else None


def agreement(store: Store) -> ReviewerAgreements:
    """The agreement of reviewers, without adjudications."""
    with store.reading() as session:
        blind, assisted = overlap.shared_apart(session)
    return ReviewerAgreements(ReviewerAgreement.on(blind), ReviewerAgreement.on(assisted))


def differing(store: Store, limit: int = 50) -> tuple[int, list[Differing]]:
    """Count the tweets with disagreement and no adjudication, and return the first of them."""
    with store.reading() as session:
        settled = overlap.settled(session)
        found = {i: labels for i, labels in overlap.shared(session).items() if i not in settled}
        open_ones = [i for i, labels in sorted(found.items()) if len(set(labels.values())) > 1]
        items = queue_items(session, open_ones[:limit])
    return len(open_ones), [Differing(item, found[item.tweet_id]) for item in items]


class DecidedMeanwhileError(SettingError):
    """The decision in force is not the one that the adjudicator saw."""

    def __init__(self, theirs: Decided | None) -> None:
        what = "The decision in force was undone meanwhile."
        if theirs:
            labels = ", ".join(EMOTIONS.ordered(theirs.labels)) or "no emotion"
            done = "settled this tweet" if theirs.adjudicates else "decided this tweet"
            what = f"{theirs.by} {done} meanwhile: {labels}."
        super().__init__(f"{what} Your choice was not stored.")
        self.theirs = theirs


def adjudicate(
    store: Store, differing: Differing, labels: Sequence[str], reviewer: str, event_id: str, seen: int | None = ANY
) -> None:
    """Adjudicate a tweet: these labels stay in force whatever its reviewers decide later.

    Parameters
    ----------
    seen : the id of the decision in force that the reviewer saw, None if there was none; ANY skips the check

    Raises
    ------
    LabelError : if there is no such label
    DecidedMeanwhileError : if another decision is in force; nothing is written
    """
    chosen = EMOTIONS.check(labels)
    shown = {
        "original": original_of(differing.item),
        "reviewers": {name: EMOTIONS.ordered(given) for name, given in differing.labels.items()},
    }
    with store.writing() as session:
        tweet_id = differing.item.tweet_id
        if seen != ANY and decision_id(session, event_id) is None:
            theirs = inspections.decision(session, tweet_id)
            if (theirs.id if theirs else None) != seen:
                raise DecidedMeanwhileError(theirs)
        new = NewDecision(
            event_id=event_id,
            tweet_id=tweet_id,
            reviewer=reviewer,
            labels=chosen,
            right_sources=right_sources(chosen, shown),
            shown=shown,
            adjudicates=True,
            guidelines=guidelines.version(session),
        )
        add_decision(session, new)


@dataclass(frozen=True)
class Repairs:
    """The changed original labels of one emotion in a split, and the estimated error rate of the split."""

    reviewed: int  # tweets decided by a person
    changed: int
    estimate: ErrorRate  # for all originals of the split
    by_chance: int = 0  # tweets of the random sample among those used by the estimate
    ends: bool = False  # the estimate can use no more tweets: the next one in the random order was accepted in bulk


def repairs(store: Store, split: str) -> dict[str, Repairs]:
    """By emotion the changed labels of a split, and the estimated share of wrong originals.

    If the whole split was reviewed, the estimate equals the observed share.
    """
    with store.reading() as session:
        everything, measured = reviewers.in_force(session, split), shares.random_prefix(session, split)
        tweets, end = reviewers.size(session, split), shares.first_accepted(session, split)
    if len(everything) == tweets:
        measured = replace(measured, pairs=everything, missing=0)
    changed, wrong = _changes(everything), _changes(measured.pairs)
    used = {"n": len(measured.pairs), "missing": measured.missing, "population": tweets, "known": len(everything)}
    estimates = {e: ErrorRate(wrong=wrong[e], known_wrong=changed[e], **used) for e in EMOTIONS.names}
    return {
        emotion: Repairs(len(everything), changed[emotion], estimate, measured.by_chance, end is not None)
        for emotion, estimate in estimates.items()
    }


def _changes(pairs: Sequence[tuple[frozenset[str], frozenset[str]]]) -> Counter[str]:
    return Counter(emotion for original, decided in pairs for emotion in original ^ decided)
