"""
Reviewers: what each has done, how far they agree, and the tweets on which they differ, to be settled.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from db import commands, guidelines, overlap, queries, reviewers, shares
from db.store import Store
from db.values import Judged, QueueItem
from emoclf.errorrates import ErrorRate
from emoclf.labels import EMOTIONS
from emoclf.overlap import Estimate, alpha, kappas
from jobs.review import right_sources

FOLLOWS_SHARE, FOLLOWS_SECONDS, FOLLOWS_DECISIONS = 0.95, 2.0, 20  # from here a reviewer may be following the model
SOURCES = ("original", "suggestion", "prediction")


@dataclass(frozen=True)
class Reviewer:
    """What one reviewer has done."""

    name: str
    decisions: int
    seconds: float | None  # median of those that were timed
    accepted: Mapping[str, float]  # by source that was on the screen: the share of tweets whose labels are its own
    follows: bool  # takes the suggestion nearly always, and faster than it can be weighed


@dataclass(frozen=True)
class Side:
    """What was decided on a split in one way: blind, or with the sources on the screen."""

    decisions: int
    seconds: float | None  # median of those that were timed
    kept: float  # share of tweets whose labels stayed as they came
    rates: Mapping[str, float]  # by emotion the share of tweets that got it


@dataclass(frozen=True)
class Agreement:
    """How far reviewers agree on the tweets that several of them decided."""

    tweets: int
    alpha: Estimate | None
    kappas: Mapping[str, Estimate]  # by emotion


@dataclass(frozen=True)
class Differing:
    """A tweet on which reviewers differ, and what each said."""

    item: QueueItem
    said: Mapping[str, frozenset[str]]  # by reviewer

    @property
    def by_emotion(self) -> dict[str, list[str]]:
        """Who named each emotion that anybody named."""
        named = {emotion: [who for who, labels in self.said.items() if emotion in labels] for emotion in EMOTIONS.names}
        return {emotion: who for emotion, who in named.items() if who}

    @property
    def majority(self) -> list[str]:
        """The emotions that more than half of the reviewers named."""
        return [emotion for emotion, who in self.by_emotion.items() if 2 * len(who) > len(self.said)]


@dataclass(frozen=True)
class Report:
    """All figures about reviewers that only decisions change."""

    work: Sequence[Reviewer]  # those with most decisions first
    sides: Mapping[tuple[str, str], tuple[Side, Side]]  # blind and assisted by reviewer ("" for all) and split
    agreement: Agreement
    waiting: int  # tweets on which reviewers differ and that nobody has settled
    first: Differing | None  # of them


def report(store: Store) -> Report:
    """Read every decision once and work out the figures."""
    with store.reading() as session:
        judged = list(reviewers.judged(session))
    waiting, first = differing(store, limit=1)
    return Report(work_done(judged), sides(judged), agreement(store), waiting, first[0] if first else None)


def work_done(judged: Iterable[Judged]) -> list[Reviewer]:
    """Every reviewer, those with most decisions first."""
    by_name: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_name[one.reviewer].append(one)
    found = [_summed_up(name, own) for name, own in by_name.items()]
    return sorted(found, key=lambda reviewer: (-reviewer.decisions, reviewer.name))


def _summed_up(name: str, judged: Sequence[Judged]) -> Reviewer:
    assisted = [one for one in judged if not one.blind]  # what came blind had no source on the screen
    shown, taken = Counter[str](), Counter[str]()
    for one in assisted:
        said = [set(sources) for sources in one.right_sources.values()]
        shown.update(set().union(*said))
        taken.update(set.intersection(*said) if said else ())
    accepted = {source: taken[source] / shown[source] for source in SOURCES if shown[source]}
    seconds = _median(assisted)
    follows = (
        shown["suggestion"] >= FOLLOWS_DECISIONS
        and accepted["suggestion"] > FOLLOWS_SHARE
        and seconds is not None
        and seconds < FOLLOWS_SECONDS
    )
    return Reviewer(name, len(judged), _median(judged), accepted, follows)


def sides(judged: Iterable[Judged]) -> dict[tuple[str, str], tuple[Side, Side]]:
    """Blind decisions and assisted ones by reviewer ("" for all) and split, where there are both."""
    found: dict[tuple[str, str], tuple[list[Judged], list[Judged]]] = defaultdict(lambda: ([], []))
    for one in judged:
        for name in ("", one.reviewer):
            found[name, one.split][not one.blind].append(one)
    return {of: (_side(blind), _side(assisted)) for of, (blind, assisted) in found.items() if blind and assisted}


def _side(judged: Sequence[Judged]) -> Side:
    kept = sum(one.labels == one.original for one in judged) / len(judged)
    named = Counter(emotion for one in judged for emotion in one.labels)
    rates = {emotion: named[emotion] / len(judged) for emotion in EMOTIONS.names}
    return Side(len(judged), _median(judged), kept, rates)


def _median(judged: Iterable[Judged]) -> float | None:
    seconds = [one.seconds for one in judged if one.seconds is not None]
    return median(seconds) if seconds else None


def agreement(store: Store) -> Agreement:
    """How far reviewers agree; what settled a difference does not count."""
    with store.reading() as session:
        units = list(overlap.shared(session).values())
    return Agreement(len(units), alpha(units), kappas(units))


def differing(store: Store, limit: int = 50) -> tuple[int, list[Differing]]:
    """How many tweets reviewers differ on that nobody has settled, and the first of them."""
    with store.reading() as session:
        settled = overlap.settled(session)
        found = {i: said for i, said in overlap.shared(session).items() if i not in settled}
        open_ones = [i for i, said in sorted(found.items()) if len(set(said.values())) > 1]
        items = queries.queue_items(session, open_ones[:limit])
    return len(open_ones), [Differing(item, found[item.tweet_id]) for item in items]


def adjudicate(store: Store, differing: Differing, labels: Sequence[str], reviewer: str, event_id: str) -> None:
    """Settle a tweet: these labels are in force from now on, whatever its reviewers decide later.

    Raises
    ------
    LabelError : if there is no such label
    """
    chosen = EMOTIONS.check(labels)
    shown = {
        "original": EMOTIONS.ordered(differing.item.original),
        "reviewers": {name: EMOTIONS.ordered(said) for name, said in differing.said.items()},
    }
    with store.writing() as session:
        right, version = right_sources(chosen, shown), guidelines.version(session)
        tweet_id = differing.item.tweet_id
        commands.add_decision(
            session, event_id, tweet_id, reviewer, chosen, right, shown, adjudicates=True, guidelines=version
        )


@dataclass(frozen=True)
class Repairs:
    """How many original labels of one emotion were changed, and what chance drew tells of all of them."""

    reviewed: int
    changed: int
    estimate: ErrorRate
    ends: bool = False  # the estimate cannot grow: the next tweet in the random order was accepted in bulk


def repairs(store: Store, split: str) -> dict[str, Repairs]:
    """By emotion what was changed in a split, and the estimated share of wrong originals."""
    with store.reading() as session:
        everything, drawn = reviewers.in_force(session, split), shares.drawn(session, split)
        ends = shares.first_accepted(session, split) is not None
    changed, wrong = _changes(everything), _changes(drawn)
    return {
        emotion: Repairs(len(everything), changed[emotion], ErrorRate(wrong[emotion], len(drawn)), ends)
        for emotion in EMOTIONS.names
    }


def _changes(pairs: Sequence[tuple[frozenset[str], frozenset[str]]]) -> Counter[str]:
    return Counter(emotion for original, decided in pairs for emotion in original ^ decided)
