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
from emoclf.errors import SettingError
from emoclf.hub.uris import is_remote
from emoclf.llm.chat_model import ChatModel, Unscored
from emoclf.llm.labelling import label
from emoclf.llm.opening import open_chat_model
from emoclf.progress import Progress, Work
from emoclf.review.filters import Filter, parse
from jobs.doubts import ranking

BATCH = 16  # tweets per transaction: a crash loses a few seconds of work


def settings_for(engine: str, limit: int | None = None, which: str | Filter | None = None) -> dict[str, Any]:
    """The settings of a job.

    Parameters
    ----------
    which : the tweets: a split, all ("all" or None), or those that the review shows with a filter

    Raises
    ------
    ModelError : if the engine's address contains a password, which would be stored with the job
    """
    if is_remote(engine):
        from emoclf.llm.openai_client import Address

        Address.of(engine)
    if isinstance(which, Filter):
        return {"engine": engine, "limit": limit, "split": None, "filter": which.to_query()}
    return {"engine": engine, "limit": limit, "split": None if which == "all" else which}


def run(store: Store, job: Job) -> Work[dict[str, Any]]:
    """The job: settings `engine` (a model URI), `limit` (tweets), `split` or `filter`; resumes automatically."""
    yield Progress(0, 0, "loading the model")
    model = open_chat_model(job.settings["engine"])
    limit, split = job.settings.get("limit"), job.settings.get("split")
    wanted = parse(job.settings["filter"]) if "filter" in job.settings else None
    return (yield from suggest(store, model, limit, splits_of(split), since=job.created_at, wanted=wanted))


def splits_of(split: str | None) -> tuple[str, ...]:
    """The splits selected by a setting; all of them for None."""
    return (split,) if split else ("train", "dev", "test")


def suggest(
    store: Store,
    model: ChatModel,
    limit: int | None = None,
    splits: tuple[str, ...] = ("train", "dev", "test"),
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
    if limit is not None and limit < 1:
        raise SettingError(f"the limit is {limit}; ask for at least 1 tweet, or leave it out for all")
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
