"""
Caches the open store, counts and slow computations across the sessions of one process.
"""

import streamlit as st

from db import filters, inspections, summaries
from db.queue import FIRST, default_order, in_order
from db.runs import list_runs
from db.store import Store, open_store
from emoclf.review.cooccurrence import Rule
from emoclf.review.filters import Filter
from jobs.doubts import source_agreement, validation
from jobs.doubts.ranking import load_calibrations
from jobs.doubts.source_agreement import SourceLabels
from jobs.review import reviewers
from jobs.review.reviewers import Report
from jobs.training import comparison, inspection
from jobs.training.comparison import Comparisons
from jobs.training.inspection import UnseenPredictions
from jobs.training.seed_arms import Arms
from jobs.training.seed_arms import arms as find_arms

FRESH_SECONDS = 15  # maximum age of a count after an import by another process


@st.cache_resource(show_spinner=False, on_release=Store.close)
def shared_store(url: str) -> Store:
    """The store, opened once for all sessions of this process."""
    return open_store(url)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def sizes(url: str) -> dict[str, int]:
    """The number of tweets in each split, at most a few seconds old."""
    with shared_store(url).reading() as session:
        return summaries.sizes(session)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def unlabelled(url: str) -> dict[str, int]:
    """The number of tweets without original labels in each split that has some, at most a few seconds old."""
    with shared_store(url).reading() as session:
        return filters.unlabelled(session)


def usual_order(store: Store, wanted: Filter) -> str:
    """As `db.queue.default_order`; without a query for each decision where every tweet of the split has labels."""
    if wanted.is_plain and not unlabelled(store.url).get(wanted.split):
        return FIRST
    with store.reading() as session:
        return default_order(session, wanted)


def list_size(store: Store, wanted: Filter, order: str) -> int:
    """The number of tweets in the list of a filter and an order, decided or not."""
    listed = in_order(wanted, order)
    if not wanted.is_plain:
        return number_found(store, listed)
    everything, without = sizes(store.url).get(wanted.split, 0), unlabelled(store.url).get(wanted.split, 0)
    return {"yes": everything - without, "no": without}.get(listed.original, everything)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def reviewer_names(url: str) -> list[str]:
    """All reviewers with a decision in force, at most a few seconds old."""
    with shared_store(url).reading() as session:
        return sorted(name for name, _ in summaries.reviewers(session))


def number_found(store: Store, wanted: Filter) -> int:
    """The number of tweets that match a filter, decided or not; recounted after every decision and flag."""
    with store.reading() as session:
        stamp = filters.stamp(session)
    return _number_found(store.url, wanted, stamp)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=100, show_spinner=False)
def _number_found(url: str, wanted: Filter, stamp: tuple[int, ...]) -> int:
    with shared_store(url).reading() as session:
        return filters.count(session, wanted)


def listed(store: Store, wanted: Filter) -> int:
    """The number of tweets that the review lists with a filter; recounted after every decision and flag."""
    with store.reading() as session:
        stamp = filters.stamp(session)
    return _listed(store.url, wanted, stamp)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=100, show_spinner=False)
def _listed(url: str, wanted: Filter, stamp: tuple[int, ...]) -> int:
    with shared_store(url).reading() as session:
        return filters.listed(session, wanted)


def comparisons(store: Store, run_id: int, before_id: int | None) -> Comparisons:
    """As `jobs.training.comparison.comparisons`; recomputed after new predictions or decisions."""
    return _comparisons(store.url, run_id, before_id, _stamps(store, run_id, before_id))


def arms(store: Store, run_id: int, before_id: int, target: str) -> Arms | None:
    """As `jobs.training.seed_arms.arms`; recomputed after new runs, predictions or decisions."""
    with store.reading() as session:
        newest = list_runs(session, limit=1)[0].id
    return _arms(store.url, run_id, before_id, target, (*_stamps(store, run_id, before_id), (newest, 0)))


@st.cache_data(max_entries=20, show_spinner=False)
def _arms(url: str, run_id: int, before_id: int, target: str, stamps: tuple[tuple[int, int], ...]) -> Arms | None:
    return find_arms(shared_store(url), run_id, before_id, target)


def unseen_predictions(store: Store, run_id: int, split: str, target: str) -> UnseenPredictions:
    """As `jobs.training.inspection.unseen_predictions`; read again after new predictions or decisions."""
    return _unseen_predictions(store.url, run_id, split, target, _stamps(store, run_id))


@st.cache_data(max_entries=20, show_spinner=False)
def _comparisons(url: str, run_id: int, before_id: int | None, stamps: tuple[tuple[int, int], ...]) -> Comparisons:
    return comparison.comparisons(shared_store(url), run_id, before_id)


@st.cache_data(max_entries=20, show_spinner=False)
def _unseen_predictions(
    url: str, run_id: int, split: str, target: str, stamps: tuple[tuple[int, int], ...]
) -> UnseenPredictions:
    return inspection.unseen_predictions(shared_store(url), run_id, split, target)


def _stamps(store: Store, *run_ids: int | None) -> tuple[tuple[int, int], ...]:
    with store.reading() as session:
        return tuple(inspections.stamp(session, run_id) for run_id in run_ids if run_id is not None)


def reviewers_report(store: Store) -> Report:
    """As `jobs.review.reviewers.report`; recomputed after new decisions."""
    with store.reading() as session:
        stamp = summaries.newest_decision(session)
    return _reviewers_report(store.url, stamp)


@st.cache_data(max_entries=3, show_spinner=False)
def _reviewers_report(url: str, stamp: int) -> Report:
    return reviewers.report(shared_store(url))


@st.cache_data(ttl=60, show_spinner=False)
def rules(url: str) -> list[Rule]:
    """The pairs of emotions that rarely occur together in the original labels, at most a minute old."""
    return validation.cooccurrence_rules(shared_store(url))


def source_labels(store: Store, split: str) -> SourceLabels:
    """The labels of the sources for the tweets of a split; during a job up to ten minutes old.

    Reading the whole split takes a second for 7,000 tweets, so the batches of a running job do not trigger it.
    """
    with store.reading() as session:
        stamp = summaries.sources_stamp(session)
    return _source_labels(store.url, split, stamp)


@st.cache_data(ttl=600, max_entries=6, show_spinner="Comparing the sources")
def _source_labels(url: str, split: str, stamp: tuple[int, ...]) -> SourceLabels:
    store = shared_store(url)
    return source_agreement.source_labels(store, load_calibrations(store), split)
