"""
Writes rationales: an LLM explains in a sentence or two why tweets carry their emotions; each is stored immediately.
"""

import time
from collections.abc import Sequence
from typing import Any

from db import rationales
from db.jobs import list_jobs, unfinished_jobs
from db.queue_items import queue_items
from db.store import Store
from db.values import Job, QueueItem
from emoclf.errors import ReplyError, SettingError
from emoclf.labels import EMOTIONS
from emoclf.llm.chat_model import ChatModel
from emoclf.llm.opening import open_chat_model
from emoclf.llm.prompts import EXPLAINING
from emoclf.llm.rationales import explain
from emoclf.progress import Progress, Work
from jobs import runner
from jobs.doubts.ranking import Calibrations, load_calibrations
from jobs.settings.llm import DEFAULT_ENGINE, ExplainSettings, check_offered

SHOWN_SECONDS = 0.5  # interval between updates of a growing text


def run(store: Store, job: Job, settings: ExplainSettings) -> Work[dict[str, Any]]:
    """The job; it resumes automatically."""
    yield Progress(0, 0, "loading the model")
    model = open_chat_model(settings.engine)
    return (yield from explain_tweets(store, model, settings.tweets or _doubtful(store, model, settings.limit)))


def ask(store: Store, tweet_id: int, engine: str | None = None) -> int:
    """Start explaining one tweet in a process of its own; return the job's id.

    Raises
    ------
    SettingError : if another explanation is running; two models would not fit in the memory of a small machine
    ModelError : if the engine is on a server that the pages do not offer
    """
    runner.find_lost(store)
    with store.reading() as session:
        busy = [job for job in unfinished_jobs(session) if job.kind == "explain"]
    if busy:
        raise SettingError("another rationale is being written; ask again when it is finished")
    settings = ExplainSettings(engine or engine_in_use(store), (tweet_id,))
    check_offered(settings)
    job_id = runner.queue_job(store, "explain", settings)
    runner.start(store, job_id)
    return job_id


def engine_in_use(store: Store) -> str:
    """The model URI last used for suggestions or rationales."""
    with store.reading() as session:
        engines = [job.settings.get("engine") for job in list_jobs(session) if job.kind in ("suggest", "explain")]
    return next((engine for engine in engines if engine), DEFAULT_ENGINE)


def explain_tweets(store: Store, model: ChatModel, ids: Sequence[int]) -> Work[dict[str, Any]]:
    """Explain these tweets one by one; a failure does not affect the other tweets."""
    calibrations = load_calibrations(store)
    with store.reading() as session:
        items = queue_items(session, ids)
    started, explained, why = time.monotonic(), 0, ""
    for done, item in enumerate(items):
        try:
            yield from _explain_one(store, model, item, calibrations, Progress(done, len(items), _rate(done, started)))
            explained += 1
        except ReplyError as error:
            why = str(error)
    yield Progress(len(items), len(items), _rate(len(items), started))
    return {"explained": explained, "failed": len(items) - explained, "why": why, "engine": model.name}


def _explain_one(
    store: Store, model: ChatModel, item: QueueItem, calibrations: Calibrations, so_far: Progress
) -> Work[None]:
    emotions, text, reported = emotions_of(item, calibrations), "", 0.0
    for text in explain(model, item.text, emotions):
        if time.monotonic() - reported >= SHOWN_SECONDS:
            reported = time.monotonic()
            detail = {"tweet": item.tweet_id, "text": text}
            yield Progress(so_far.done, so_far.total, so_far.message, detail)
    with store.writing() as session:
        chosen = frozenset(emotions)
        rationales.add_rationale(session, item.tweet_id, model.name, EXPLAINING.version, chosen, text)


def emotions_of(item: QueueItem, calibrations: Calibrations) -> list[str]:
    """The emotions to explain: those the LLM suggests, else the original ones, else the doubtful one.

    Raises
    ------
    ReplyError : if no source gives the tweet an emotion
    """
    suggested = calibrations.of(item.suggestion)[1] if item.suggestion else frozenset[str]()
    doubted = {item.emotion} if item.emotion else set[str]()
    chosen = suggested or item.original or doubted
    if not chosen:
        raise ReplyError("no source gives an emotion to this tweet, so there is nothing to explain")
    return EMOTIONS.ordered(chosen)


def _doubtful(store: Store, model: ChatModel, limit: int) -> list[int]:
    with store.reading() as session:
        return rationales.unexplained(session, model.name, EXPLAINING.version, limit)


def _rate(done: int, started: float) -> str:
    seconds = time.monotonic() - started
    return f"{60 * done / seconds:.0f} tweets a minute" if done and seconds > 1 else "writing"
