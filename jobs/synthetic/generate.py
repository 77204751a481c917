"""
Generates synthetic tweets for an emotion with an LLM; each round passes through the gates and is stored immediately.

A round is one request per context. Its content depends only on the job's seed and the number of the round, and finished
rounds are recorded in the store, so a resumed job continues with the next round and repeats none.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from db import generations
from db.generations import Round, Written
from db.store import Store
from db.values import Job
from emoclf.errors import EngineError, ReplyError, TooLittleDataError
from emoclf.llm.chat_model import ChatModel
from emoclf.llm.opening import open_chat_model
from emoclf.progress import Progress, Work
from emoclf.synthetic.gates import Examined
from emoclf.synthetic.plans import CONTEXTS, Brief, Planner, Request, spread
from emoclf.synthetic.prompting import TOKENS_PER_TWEET, WRITING, parse
from jobs.settings.synthetic import NONE, SAME, GenerateSettings
from jobs.synthetic.gate_setup import Gates, open_gates, real_train

PER_ROUND = 20  # tweets: five per context


def run(store: Store, job: Job, settings: GenerateSettings) -> Work[dict[str, Any]]:
    """The job; it resumes automatically."""
    yield Progress(0, settings.count, "loading the model")
    generator = open_chat_model(settings.engine)
    return (yield from generate(store, job.id, settings, generator, _judge(settings, generator)))


def shown_chat(store: Store, settings: GenerateSettings) -> list[dict[str, str]]:
    """An example prompt of such a job; other requests have other examples and style attributes."""
    request = Planner(real_train(store), settings.emotion).request(0, PER_ROUND // len(CONTEXTS), (settings.seed,))
    return WRITING.messages(request, settings.rules)


def _judge(settings: GenerateSettings, generator: ChatModel) -> ChatModel | None:
    if settings.judge == NONE:
        return None
    judge = generator if settings.judge in (SAME, settings.engine) else open_chat_model(settings.judge)
    judge.prompt_version  # noqa: B018 - raises if it cannot judge, before anything is written
    return judge


def generate(
    store: Store, job_id: int, settings: GenerateSettings, generator: ChatModel, judge: ChatModel | None
) -> Work[dict[str, Any]]:
    """Generate `settings.count` tweets in total, including those this job has already generated.

    Raises
    ------
    TooLittleDataError : if there are no train tweets to take style attributes from
    EngineError : if `settings.failures` consecutive requests yield nothing that passes the gates
    """
    train = real_train(store)
    if not len(train):
        raise TooLittleDataError("there are no train tweets in the store; import some first")
    gates = yield from open_gates(store, train, judge)
    pipeline, failed, why = Pipeline(Planner(train, settings.emotion), generator, gates), 0, ""
    while (tally := _tally(store, job_id))["generated"] < settings.count:
        yield Progress(tally["generated"], settings.count, _in_words(tally), detail=tally)
        for result in _round(store, job_id, settings, pipeline, settings.count - tally["generated"]):
            failed, why = (0, "") if result.passed else (failed + 1, result.why)
            if failed == settings.failures:
                requests = "1 request" if failed == 1 else f"{failed} requests in a row"
                raise EngineError(
                    f"{requests} gave no tweet that passes the gates; try another model. The last reason: {why}"
                )
    yield Progress(settings.count, settings.count, _in_words(tally), detail=tally)
    return {**tally, "engine": generator.name, "prompt": WRITING.named(settings.rules), "job": job_id}


def _tally(store: Store, job_id: int) -> dict[str, Any]:
    with store.reading() as session:
        return generations.tally(session, job_id)


def _in_words(tally: dict[str, Any]) -> str:
    return f"{tally['kept']} passed of {tally['generated']} written"


@dataclass(frozen=True)
class Pipeline:
    """The three steps to a synthetic tweet: plan it, generate it, apply the gates."""

    planner: Planner
    generator: ChatModel
    gates: Gates


@dataclass(frozen=True)
class RequestResult:
    """The result of one request: the number of passing tweets, and why not more passed."""

    passed: int
    why: str


def _round(store: Store, job_id: int, settings: GenerateSettings, pipeline: Pipeline, left: int) -> list[RequestResult]:
    """Send one request per context, apply the gates, and store the results together."""
    with store.reading() as session:
        number = generations.rounds(session, job_id)
    wanted = [n for n in spread(min(left, PER_ROUND)).values() if n]
    first, seed = number * len(CONTEXTS), _seed(settings, job_id, number)
    requests = [pipeline.planner.request(first + i, n, (settings.seed, job_id)) for i, n in enumerate(wanted)]
    replies, problem = _ask(pipeline.generator, requests, settings, seed)
    written: list[Written] = []
    results = []
    for request, reply in zip(requests, replies or [""] * len(requests), strict=True):
        tweets, why = _read(reply, request, pipeline.gates) if reply else ([], problem)
        written += tweets
        passed = sum(tweet.dropped is None for tweet in tweets)
        results.append(RequestResult(passed, why or next((tweet.reason for tweet in tweets if tweet.dropped), "")))
    problem = problem or "; ".join(sorted({result.why for result in results if not result.passed}))
    prompt, sampling = WRITING.named(settings.rules), asdict(settings.sampling)
    found = Round(job_id, number, pipeline.generator.name, prompt, settings.rules, sampling, seed, replies)
    with store.writing() as session:
        generations.add_round(session, found.because(problem), written)
    return results


def _seed(settings: GenerateSettings, job_id: int, number: int) -> int:
    """The seed of a round; it differs between jobs, so that another job yields other tweets."""
    return int(np.random.SeedSequence([settings.seed, job_id, number]).generate_state(1)[0]) >> 1


def _ask(
    generator: ChatModel, requests: Sequence[Request], settings: GenerateSettings, seed: int
) -> tuple[list[str], str]:
    """The replies, or none and the reason."""
    chats = [WRITING.messages(request, settings.rules) for request in requests]
    room = TOKENS_PER_TWEET * max(len(request.briefs) for request in requests)
    try:
        return generator.generate(chats, room, settings.sampling, seed), ""
    except ReplyError as error:
        return [], str(error)


def _read(reply: str, request: Request, gates: Gates) -> tuple[list[Written], str]:
    """The tweets of a reply after the gates, or none and the reason."""
    try:
        texts = parse(reply)[: len(request.briefs)]
    except ReplyError as error:
        return [], str(error)
    examined = gates.gatekeeper.examine(texts, request.emotion)
    return [_written(one, request, brief, gates) for one, brief in zip(examined, request.briefs, strict=False)], ""


def _written(one: Examined, request: Request, brief: Brief, gates: Gates) -> Written:
    return Written(
        text=one.text,
        labels=frozenset(brief.labels),
        emotion=request.emotion,
        context=request.context,
        brief=brief.to_json(),
        gates=one.gates,
        nearest_id=None if one.nearest is None else gates.ids[one.nearest],
        closeness=one.closeness,
    )
