"""
Reviewers: what each has done, how far they agree, and the tweets on which they differ, to be settled.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from db import commands, overlap, queries, reviewers, settings, shares, summaries
from db.store import Store
from db.values import Judged, QueueItem
from emoclf.errorrates import ErrorRate
from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.overlap import Estimate, alpha, kappas
from jobs.review import right_sources

AHEAD, WORTH = 100, 0.1  # tweets that are looked ahead; the share of them worth the work if they change
FOLLOWS_SHARE, FOLLOWS_SECONDS, FOLLOWS_DECISIONS = 0.95, 2.0, 20  # from here a reviewer may be following the model
SOURCES = ("original", "suggestion", "prediction")


@dataclass(frozen=True)
class Reviewer:
    """What one reviewer has done."""

    name: str
    decisions: int
    seconds: float | None  # median of those that were timed
    accepted: Mapping[str, float]  # by source that was shown: the share of tweets whose labels are exactly its own

    @property
    def follows(self) -> bool:
        """Whether they take the suggestion nearly always, and faster than it can be weighed."""
        takes = self.accepted.get("suggestion", 0.0) > FOLLOWS_SHARE
        return takes and self.decisions >= FOLLOWS_DECISIONS and (self.seconds or 0.0) < FOLLOWS_SECONDS


@dataclass(frozen=True)
class Whispering:
    """What reviewers decide without the sources on the screen, and with them: blind first, assisted second."""

    decisions: tuple[int, int]
    seconds: tuple[float | None, float | None]  # medians
    kept: tuple[float, float]  # share of tweets whose labels stayed as they came
    rates: Mapping[str, tuple[float, float]]  # by emotion the share of tweets that got it


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


def work_done(store: Store) -> list[Reviewer]:
    """Every reviewer, those with most decisions first."""
    by_name: dict[str, list[Judged]] = defaultdict(list)
    with store.reading() as session:
        for one in reviewers.judged(session):
            by_name[one.reviewer].append(one)
    found = [_summed_up(name, judged) for name, judged in by_name.items()]
    return sorted(found, key=lambda reviewer: (-reviewer.decisions, reviewer.name))


def _summed_up(name: str, judged: Sequence[Judged]) -> Reviewer:
    seconds = [one.seconds for one in judged if one.seconds is not None]
    shown, accepted = Counter[str](), Counter[str]()
    for one in judged:
        said = [set(sources) for sources in one.right_sources.values()]
        shown.update(set().union(*said))
        accepted.update(set.intersection(*said) if said else ())
    shares = {source: accepted[source] / shown[source] for source in SOURCES if shown[source]}
    return Reviewer(name, len(judged), median(seconds) if seconds else None, shares)


def whispering(store: Store, reviewer: str = "", split: str = "train") -> Whispering | None:
    """Blind decisions against assisted ones on a split, of one reviewer or all; None while there are not both."""
    with store.reading() as session:
        judged = [one for one in reviewers.judged(session) if one.split == split and reviewer in ("", one.reviewer)]
    blind, assisted = ([one for one in judged if one.blind is is_blind] for is_blind in (True, False))
    if not blind or not assisted:
        return None
    sides = (blind, assisted)
    times = [[one.seconds for one in side if one.seconds is not None] for side in sides]
    return Whispering(
        (len(blind), len(assisted)),
        (median(times[0]) if times[0] else None, median(times[1]) if times[1] else None),
        (
            _share(blind, lambda one: one.labels == one.original),
            _share(assisted, lambda one: one.labels == one.original),
        ),
        {
            emotion: (_share(blind, partial(_has, emotion)), _share(assisted, partial(_has, emotion)))
            for emotion in EMOTIONS.names
        },
    )


def _has(emotion: str, one: Judged) -> bool:
    return emotion in one.labels


def _share(judged: Sequence[Judged], test: Callable[[Judged], bool]) -> float:
    return sum(map(test, judged)) / len(judged)


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
        right = right_sources(chosen, shown)
        tweet_id = differing.item.tweet_id
        commands.add_decision(session, event_id, tweet_id, reviewer, chosen, right, shown, adjudicates=True)


@dataclass(frozen=True)
class Repairs:
    """How many original labels of one emotion were changed, and what chance drew tells of all of them."""

    reviewed: int
    changed: int
    estimate: ErrorRate


def repairs(store: Store, split: str) -> dict[str, Repairs]:
    """By emotion what was changed in a split, and the estimated share of wrong originals."""
    with store.reading() as session:
        everything, drawn = reviewers.in_force(session, split), shares.drawn(session, split)
    changed, wrong = _changes(everything), _changes(drawn)
    return {
        emotion: Repairs(len(everything), changed[emotion], ErrorRate(wrong[emotion], len(drawn)))
        for emotion in EMOTIONS.names
    }


def _changes(pairs: Sequence[tuple[frozenset[str], frozenset[str]]]) -> Counter[str]:
    return Counter(emotion for original, decided in pairs for emotion in original ^ decided)


@dataclass(frozen=True)
class Outlook:
    """What the next tweets of the queue are likely to bring."""

    tweets: int  # how many are looked at; fewer where fewer wait
    wrong: float  # how many of them are expected to have a wrong label

    @property
    def is_worth_it(self) -> bool:
        """Whether at least one in ten is expected to change; below that a queue is little better than reading all."""
        return self.tweets > 0 and self.wrong >= WORTH * self.tweets


def outlook(store: Store, split: str) -> Outlook:
    """What another hundred reviews of a split are likely to repair, by the doubts as they stand."""
    with store.reading() as session:
        doubts = summaries.doubts_ahead(session, split, AHEAD)
    return Outlook(len(doubts), sum(doubts))


def overlap_share(store: Store) -> float:
    """The share of tweets that two reviewers decide, in [0, 1]."""
    with store.reading() as session:
        return settings.read(session, overlap.SETTING, overlap.DEFAULT)


def set_overlap_share(store: Store, share: float) -> None:
    """Let two reviewers decide this share of the tweets from now on.

    Raises
    ------
    SettingError : if it is not in [0, 1]
    """
    if not 0 <= share <= 1:
        raise SettingError(f"the overlap is {share}, expected a share between 0 and 1")
    with store.writing() as session:
        settings.write(session, overlap.SETTING, share)
