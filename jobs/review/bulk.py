"""
Bulk: one source's labels for a whole list, once a person has checked a random sample of it.

The list, what the source says of each tweet, and the sample are settled when
the sample is drawn, so that what is accepted is what the sample was drawn from.
Whoever drops a sample and draws another one has to show more with it.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from sqlalchemy.orm import Session

from db import batches, filters, guidelines
from db.chunking import chunks
from db.store import Store
from db.values import Batch, SampleTweet
from emoclf.errors import SettingError
from emoclf.metrics.acceptance_sampling import Sample, disagreements
from emoclf.review.filters import Filter, parse
from emoclf.review.seeded_draws import first_drawn

LISTED_AT_ONCE = 2000  # tweets of a list that are written in a transaction
USUAL, LEAST = 30, 10  # tweets in a sample, where nobody asks for another number, and at least
NAMES = {
    "original": "the original",
    "suggestion": "the LLM",
    "prediction": "BERT",
    "majority": "the majority of all three",
}
MEASURES = "dev and test tweets measure how good a model is: they are reviewed one by one, blind, and never in bulk"


@dataclass(frozen=True)
class Offer:
    """What can be accepted of a list."""

    undecided: int
    heard: dict[str, int]  # by source the tweets on which it has spoken
    flagged: int  # of the undecided

    @staticmethod
    def usual_size(heard: int) -> int:
        """How many tweets to check where nobody says: not so many that little of a short list is left to accept.

        >>> Offer.usual_size(1234), Offer.usual_size(40), Offer.usual_size(11)
        (30, 20, 10)
        """
        return max(LEAST, min(USUAL, heard // 2))

    @property
    def sources(self) -> list[str]:
        """The sources that have spoken on enough tweets for a sample and something beside it."""
        return [source for source, n in self.heard.items() if n > LEAST]


@dataclass(frozen=True)
class BatchProgress:
    """A batch and how its sample stands."""

    batch: Batch
    sample: Sequence[SampleTweet]

    @property
    def checked(self) -> int:
        """How many tweets of the sample a person has decided."""
        return sum(one.decided is not None for one in self.sample)

    @property
    def blind(self) -> int:
        """How many of them by the text alone."""
        return sum(one.blind for one in self.sample)

    @property
    def is_checked(self) -> bool:
        """Whether a person has decided every tweet of the sample."""
        return self.checked == len(self.sample)

    @property
    def wrong(self) -> list[SampleTweet]:
        """The checked tweets whose labels are not what the source said."""
        return [one for one in self.sample if one.decided is not None and one.decided != one.said]

    def found(self, session: Session) -> Sample:
        """What the sample tells of the rest, given the earlier samples of its list; it holds once it is checked."""
        nth = 1 + batches.earlier_samples(session, self.batch)
        return Sample(self.batch.tweets, self.batch.sample, len(self.wrong), nth)

    @property
    def by_emotion(self) -> dict[str, tuple[int, int]]:
        """By emotion how often it was (said and not decided, decided and not said)."""
        return disagreements((one.said, one.decided) for one in self.sample if one.decided is not None)


def offer(store: Store, wanted: Filter) -> Offer:
    """How many tweets a list holds that can be accepted.

    Raises
    ------
    SettingError : if it is a list that nobody accepts in bulk
    """
    _check_list(wanted)
    with store.reading() as session:
        flagged = filters.listed(session, replace(wanted, flagged="yes"))
        return Offer(*batches.heard(session, wanted), flagged)


def next_sample(store: Store, wanted: Filter, source: str, tweets: int, size: int) -> Sample:
    """What a sample of a list of so many tweets would tell if it were clean."""
    with store.reading() as session:
        return Sample(tweets, size, 0, nth=1 + batches.samples_so_far(session, wanted, source, tweets))


def draw_sample(store: Store, wanted: Filter, source: str, size: int, name: str, reviewer: str) -> int:
    """Settle a list, what the source says of it and a random sample to check; return the batch's id.

    Raises
    ------
    SettingError : if the list, the size or the name cannot be, or the list has a sample that is not done with
    """
    _check_list(wanted)
    name = " ".join(name.split())
    if not name or not reviewer.strip():
        raise SettingError("a batch needs a name, and the name of who draws its sample")
    with store.reading() as session:
        tweets = batches.listed(session, wanted, source)
    token = str(uuid4())
    if not LEAST <= size < len(tweets):
        raise SettingError(f"the sample has {size} tweets; it can have {LEAST} to {len(tweets) - 1} of {len(tweets):,}")
    sampled = set(first_drawn((key for _, key, _ in tweets), token, size))
    with store.writing() as session:
        _check_new(session, wanted, name)
        about = {"query": wanted.to_query(), "source": source, "tweets": len(tweets), "sample": size}
        version = guidelines.version(session)
        unfinished = f"{name} (drawing its sample was interrupted, {token[:8]})"  # so that the name can be tried again
        number = batches.add(session, name=unfinished, token=token, reviewer=reviewer, guidelines=version, **about)
    for chunk in chunks(tweets, LISTED_AT_ONCE):
        with considerate(store) as session:
            batches.add_tweets(session, number, chunk, sampled)
    with store.writing() as session:
        _check_new(session, wanted, name)
        if not batches.is_sample_free(session, number):
            raise SettingError("another batch has just accepted tweets of this sample; draw a new sample")
        batches.record(session, number, state="checking", name=name)
    return number


@contextmanager
def considerate(store: Store) -> Iterator[Session]:
    """A write that then leaves the store alone for as long as it held it.

    SQLite does not queue those who wait: they ask now and then, and find a store that is always held never free.
    """
    with store.writing() as session:
        began = time.monotonic()
        yield session
    time.sleep(time.monotonic() - began)


def open_batch(store: Store, wanted: Filter) -> BatchProgress | None:
    """The batch of this list that is neither accepted nor dropped, if there is one."""
    with store.reading() as session:
        found = _open(session, wanted)
        return BatchProgress(found, batches.sample(session, found.id)) if found else None


def batch_progress(store: Store, batch_id: int) -> BatchProgress:
    """How the sample of a batch stands; NotFoundError if there is no such batch."""
    with store.reading() as session:
        return BatchProgress(batches.batch(session, batch_id), batches.sample(session, batch_id))


def drop(store: Store, batch_id: int) -> None:
    """Let a list go that nothing was accepted of yet; what was decided on its sample stays."""
    with store.writing() as session:
        if batches.batch(session, batch_id).state == "checking":
            batches.record(session, batch_id, state="dropped")


def name_for(store: Store, wanted: Filter, source: str) -> str:
    """A name that no batch has: the source and what the filter asks."""
    plain, n = ", ".join(filter(None, [NAMES[source], wanted.in_words])), 2
    with store.reading() as session:
        taken = {batch.name for batch in batches.everything(session)}
    name = plain
    while name in taken:
        name, n = f"{plain} ({n})", n + 1
    return name


def why_not(wanted: Filter) -> str | None:
    """Why nobody accepts a list in bulk, in a sentence; None where it can be."""
    if wanted.split != "train":
        return MEASURES
    if wanted.state == "yes" or wanted.sample:
        return "this list holds decided tweets or a drawn sample, and neither can be accepted in bulk"
    return None


def _check_list(wanted: Filter) -> None:
    if why := why_not(wanted):
        raise SettingError(why)


def _check_only(session: Session, wanted: Filter) -> None:
    if open_one := _open(session, wanted):
        raise SettingError(f"the batch {open_one.name} has a sample of this list already; check it, or drop it")


def _check_new(session: Session, wanted: Filter, name: str) -> None:
    _check_only(session, wanted)
    if name in {batch.name for batch in batches.everything(session)}:
        raise SettingError(f"there is a batch named {name} already; choose another name")


def _open(session: Session, wanted: Filter) -> Batch | None:
    of_list = (one for one in batches.everything(session) if one.state in batches.OPEN)
    return next((one for one in of_list if parse(one.query) == wanted), None)
