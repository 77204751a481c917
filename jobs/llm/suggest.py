"""
Lets an LLM suggest a probability per emotion for unanswered tweets; each batch is stored immediately.
"""

import datetime as dt
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from db.store import Store
from db.suggestions import add_suggestions, suggested_since, unsuggested
from db.values import Job
from emoclf.llm.chat_model import ChatModel, Unscored
from emoclf.llm.labelling import label
from emoclf.llm.opening import open_chat_model
from emoclf.progress import Progress, Work
from emoclf.review.filters import Filter
from emoclf.tweets import SPLITS
from jobs.doubts import ranking
from jobs.settings.llm import SuggestSettings

BATCH = 16  # tweets per transaction: a crash loses a few seconds of work


def run(store: Store, job: Job, settings: SuggestSettings) -> Work[dict[str, Any]]:
    """The job; it resumes automatically."""
    yield Progress(0, 0, "loading the model")
    model = open_chat_model(settings.engine)
    work = suggest(store, model, settings.limit, settings.splits, since=job.created_at, wanted=settings.wanted)
    return (yield from work)


def suggest(
    store: Store,
    model: ChatModel,
    limit: int | None = None,
    splits: tuple[str, ...] = SPLITS,
    since: dt.datetime | None = None,
    wanted: Filter | None = None,
) -> Work[dict[str, Any]]:
    """Ask `model` about every tweet it has not answered, most doubtful first.

    Parameters
    ----------
    limit : maximum number of tweets, including those answered since `since`, so that a resumed job answers `limit`
        tweets in total
    wanted : only tweets that the review shows with this filter, instead of `splits`
    """
    name, prompt = model.name, model.prompt_version
    with store.reading() as session:
        before = suggested_since(session, name, prompt, since) if since else 0
        left = None if limit is None else max(0, limit - before)
        waiting = unsuggested(session, name, prompt, splits, left, wanted)
    started, suggested, failed = time.monotonic(), 0, 0
    try:
        for batch in _answers(model, waiting):
            scored = [(i, answer.tolist()) for i, answer in batch if not isinstance(answer, Unscored)]
            with store.writing(durable=False) as session:
                add_suggestions(session, name, prompt, scored)
            suggested, failed = suggested + len(scored), failed + len(batch) - len(scored)
            rate = (suggested + failed) / (time.monotonic() - started)
            yield Progress(before + suggested + failed, before + len(waiting), f"{rate:.1f} tweets a second")
        seconds = time.monotonic() - started
    finally:  # also if stopped: the suggestions so far affect the queue
        ranking.refresh(store)
    return {
        "suggested": suggested,
        "failed": failed,
        "tweets_per_second": round((suggested + failed) / seconds, 2) if waiting else 0.0,
        "engine": name,
    }


def _answers(model: ChatModel, waiting: list[tuple[int, str]]) -> Iterator[list[tuple[int, np.ndarray | Unscored]]]:
    answers = zip((i for i, _ in waiting), label(model, [text for _, text in waiting]), strict=True)
    while batch := list(islice(answers, BATCH)):
        yield batch
