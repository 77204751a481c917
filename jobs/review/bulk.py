"""
Bulk accept: draws and tracks the random sample that is checked before one source's labels are accepted for a list.

The list, the source's labels and the sample are fixed when the sample is drawn, so the accepted labels are the
population of the sample. Dropping a sample and drawing another one makes the required evidence stricter.
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
from emoclf.review.seeded_draws import seeded_sample

LISTED_AT_ONCE = 2000  # tweets of a list written per transaction
USUAL, LEAST = 30, 10  # default and minimum sample size
NAMES = {
    "original": "the original",
    "suggestion": "the LLM",
    "prediction": "BERT",
    "majority": "the majority of all three",
}
MEASURES = "dev and test tweets measure how good a model is: they are reviewed one by one, blind, and never in bulk"


@dataclass(frozen=True)
class Offer:
    """Counts of the tweets of a list that can be accepted in bulk."""

    undecided: int
    labelled: dict[str, int]  # number of tweets labelled, by source
    flagged: int  # among the undecided

    @staticmethod
    def usual_size(labelled: int) -> int:
        """The default sample size, at most half of the tweets so that something is left to accept.

        >>> Offer.usual_size(1234), Offer.usual_size(40), Offer.usual_size(11)
        (30, 20, 10)
        """
        return max(LEAST, min(USUAL, labelled // 2))

    @property
    def sources(self) -> list[str]:
        """The sources that labelled more tweets than the smallest sample."""
        return [source for source, n in self.labelled.items() if n > LEAST]


@dataclass(frozen=True)
class BatchProgress:
    """A batch and the progress of its sample."""

    batch: Batch
    sample: Sequence[SampleTweet]

    @property
    def checked(self) -> int:
        """Count the decided tweets of the sample."""
        return sum(one.decided is not None for one in self.sample)

    @property
    def blind(self) -> int:
        """Count the tweets of the sample that were decided blind."""
        return sum(one.blind for one in self.sample)

    @property
    def is_checked(self) -> bool:
        """Whether a person decided every tweet of the sample."""
        return self.checked == len(self.sample)

    @property
    def wrong(self) -> list[SampleTweet]:
        """The checked tweets whose labels differ from the source's."""
        return [one for one in self.sample if one.decided is not None and one.decided != one.source_labels]

    def estimate(self, session: Session) -> Sample:
        """The estimate for the tweets outside the sample; valid once it is checked. Earlier samples widen it."""
        nth = 1 + batches.earlier_samples(session, self.batch)
        return Sample(self.batch.tweets, self.batch.sample, len(self.wrong), nth)

    @property
    def by_emotion(self) -> dict[str, tuple[int, int]]:
        """Count by emotion (given by the source only, given by the reviewer only)."""
        return disagreements((one.source_labels, one.decided) for one in self.sample if one.decided is not None)


def offer(store: Store, wanted: Filter) -> Offer:
    """Count the tweets of a list that can be accepted.

    Raises
    ------
    SettingError : if the list cannot be accepted in bulk
    """
    _check_list(wanted)
    with store.reading() as session:
        flagged = filters.listed(session, replace(wanted, flagged="yes"))
        return Offer(*batches.labelled_counts(session, wanted), flagged)


def next_sample(store: Store, wanted: Filter, source: str, tweets: int, size: int) -> Sample:
    """The estimate that an error-free sample of a list of this size would give."""
    with store.reading() as session:
        return Sample(tweets, size, 0, nth=1 + batches.samples_so_far(session, wanted, source, tweets))


def draw_sample(store: Store, wanted: Filter, source: str, size: int, name: str, reviewer: str) -> int:
    """Fix a list and its labels from one source, draw a random sample, and return the batch's id.

    Raises
    ------
    SettingError : if the list, the size or the name is invalid, or the list already has an open sample
    """
    _check_list(wanted)
    name = " ".join(name.split())
    if not name or not reviewer.strip():
        raise SettingError("a batch needs a name, and the name of the person who draws its sample")
    with store.reading() as session:
        tweets = batches.listed(session, wanted, source)
    token = str(uuid4())
    if not LEAST <= size < len(tweets):
        raise SettingError(
            f"the sample size is {size}; it can be {LEAST} to {len(tweets) - 1} of {len(tweets):,} tweets"
        )
    sampled = set(seeded_sample((key for _, key, _ in tweets), token, size))
    with store.writing() as session:
        _check_new(session, wanted, name)
        about = {"query": wanted.to_query(), "source": source, "tweets": len(tweets), "sample": size}
        version = guidelines.version(session)
        unfinished = f"{name} (drawing its sample was interrupted, {token[:8]})"  # keeps the name free for a retry
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
    """Write, then sleep as long as the write took, so that other writers are not starved.

    SQLite has no queue of writers: a waiting writer polls, and would rarely succeed while this one writes all the time.
    """
    with store.writing() as session:
        began = time.monotonic()
        yield session
    time.sleep(time.monotonic() - began)


def open_batch(store: Store, wanted: Filter) -> BatchProgress | None:
    """The batch of this list that is neither accepted nor dropped, or None."""
    with store.reading() as session:
        found = _open(session, wanted)
        return BatchProgress(found, batches.sample(session, found.id)) if found else None


def batch_progress(store: Store, batch_id: int) -> BatchProgress:
    """The progress of a batch's sample; NotFoundError if there is no such batch."""
    with store.reading() as session:
        return BatchProgress(batches.batch(session, batch_id), batches.sample(session, batch_id))


def drop(store: Store, batch_id: int) -> None:
    """Drop a batch of which nothing was accepted; decisions on its sample are kept."""
    with store.writing() as session:
        if batches.batch(session, batch_id).state == "checking":
            batches.record(session, batch_id, state="dropped")


def name_for(store: Store, wanted: Filter, source: str) -> str:
    """An unused name for a batch: the source and the filter."""
    plain, n = ", ".join(filter(None, [NAMES[source], wanted.in_words])), 2
    with store.reading() as session:
        taken = {batch.name for batch in batches.everything(session)}
    name = plain
    while name in taken:
        name, n = f"{plain} ({n})", n + 1
    return name


def why_not(wanted: Filter) -> str | None:
    """The reason why a list cannot be accepted in bulk, in a sentence; None if it can."""
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
        raise SettingError(
            f"the batch {open_one.name} has a sample of this list already; check that sample, or drop the batch"
        )


def _check_new(session: Session, wanted: Filter, name: str) -> None:
    _check_only(session, wanted)
    if name in {batch.name for batch in batches.everything(session)}:
        raise SettingError(f"there is a batch named {name} already; choose another name")


def _open(session: Session, wanted: Filter) -> Batch | None:
    of_list = (one for one in batches.everything(session) if one.state in batches.OPEN)
    return next((one for one in of_list if parse(one.query) == wanted), None)
