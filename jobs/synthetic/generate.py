"""
Generate: an LLM writes synthetic tweets for an emotion; each round goes through the gates and is stored at once.

A round is one request per context. What it asks for follows from the job's
seed and the round's number, and the store knows which rounds are done: killed
and started again, the job goes on with the next round and repeats none.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from db import generations
from db.generations import Round, Written
from db.store import Store
from db.values import Job
from emoclf.errors import EngineError, ReplyError, SettingError, TooLittleDataError
from emoclf.hub.uris import is_remote
from emoclf.labels import EMOTIONS
from emoclf.llm.engine import Engine
from emoclf.llm.engines import open_engine
from emoclf.progress import Progress, Work
from emoclf.synthetic.gates import Examined
from emoclf.synthetic.generators import Generator, Sampling, open_generator
from emoclf.synthetic.plans import CONTEXTS, Brief, Planner, Request, spread
from emoclf.synthetic.prompting import TOKENS_PER_TWEET, WRITING, parse
from jobs.synthetic.gate_setup import Gates, open_gates, real_train

PER_ROUND = 20  # tweets: five for each context
FAILURES = 12  # requests in a row without a tweet that passes, before the job gives up
SAME, NONE = "same", "none"  # who judges: the model that writes, or nobody


@dataclass(frozen=True)
class Order:
    """What a job writes, and how."""

    emotion: str
    count: int  # tweets to write, whether they pass the gates or not
    engine: str  # model URI
    seed: int = 13
    temperature: float = Sampling.temperature
    top_p: float = Sampling.top_p
    judge: str = SAME  # model URI of another judge, or "none"
    rules: tuple[str, ...] = ()  # added to the prompt
    failures: int = FAILURES

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", tuple(self.rules))  # JSON knows lists only
        EMOTIONS.check([self.emotion])
        if self.count < 1 or self.failures < 1:
            raise SettingError(f"count is {self.count} and failures is {self.failures}; both must be at least 1")

    @property
    def sampling(self) -> Sampling:
        """How far the model may stray."""
        return Sampling(self.temperature, self.top_p)

    def settings(self) -> dict[str, Any]:
        """The settings of a job.

        Raises
        ------
        ModelError : if an address holds a password, which would be stored with the job
        SettingError : if a setting cannot be used
        """
        from emoclf.llm.openai_client import Address

        for uri in (self.engine, self.judge):
            if is_remote(uri):
                Address.of(uri)
        self.sampling  # noqa: B018 - checks it
        return {**asdict(self), "rules": list(self.rules)}


def run(store: Store, job: Job) -> Work[dict[str, Any]]:
    """The job: its settings are the fields of `Order`; resumes by itself."""
    order = Order(**job.settings)
    yield Progress(0, order.count, "loading the model")
    generator = open_generator(order.engine)
    return (yield from generate(store, job.id, order, generator, _judge(order, generator)))


def shown_chat(store: Store, order: Order) -> list[dict[str, str]]:
    """A prompt of such a job, word for word; each request has other examples and shapes."""
    request = Planner(real_train(store), order.emotion).request(0, PER_ROUND // len(CONTEXTS), (order.seed,))
    return WRITING.messages(request, order.rules)


def _judge(order: Order, generator: Generator) -> Engine | None:
    if order.judge == NONE:
        return None
    return generator.judge() if order.judge == SAME else open_engine(order.judge)


def generate(
    store: Store, job_id: int, order: Order, generator: Generator, judge: Engine | None
) -> Work[dict[str, Any]]:
    """Write `order.count` tweets in all, less those that this job has written before.

    Raises
    ------
    TooLittleDataError : if there are no train tweets to learn the look of tweets from
    EngineError : if `order.failures` requests in a row bring nothing that passes the gates
    """
    train = real_train(store)
    if not len(train):
        raise TooLittleDataError("there are no train tweets in the store; import some first")
    gates = yield from open_gates(store, train, judge)
    planner, failed, why = Planner(train, order.emotion), 0, ""
    while (tally := _tally(store, job_id))["generated"] < order.count:
        done = f"{tally['kept']} passed of {tally['generated']} written"
        yield Progress(tally["generated"], order.count, done, detail=tally)
        brought = _round(store, job_id, order, planner, generator, gates, order.count - tally["generated"])
        for request in brought:
            failed, why = (0, "") if request.kept else (failed + 1, request.why)
            if failed == order.failures:
                raise EngineError(f"{failed} requests in a row gave no tweet that passes the gates: {why}")
    yield Progress(order.count, order.count, f"{tally['kept']} passed of {tally['generated']} written", detail=tally)
    return {**tally, "engine": generator.name, "prompt": WRITING.named(order.rules), "job": job_id}


def _tally(store: Store, job_id: int) -> dict[str, Any]:
    with store.reading() as session:
        return generations.tally(session, job_id)


@dataclass(frozen=True)
class Brought:
    """What came of one request: how many tweets passed, and why not more."""

    kept: int
    why: str


def _round(
    store: Store, job_id: int, order: Order, planner: Planner, generator: Generator, gates: Gates, left: int
) -> list[Brought]:
    """Ask once in each context, let what comes through the gates, and store it all together."""
    with store.reading() as session:
        number = generations.rounds(session, job_id)
    wanted = [n for n in spread(min(left, PER_ROUND)).values() if n]
    first, seed = number * len(CONTEXTS), _seed(order, job_id, number)
    requests = [planner.request(first + place, n, (order.seed, job_id)) for place, n in enumerate(wanted)]
    replies, problem = _ask(generator, requests, order, seed)
    written: list[Written] = []
    brought = []
    for request, reply in zip(requests, replies or [""] * len(requests), strict=True):
        tweets, why = _read(reply, request, gates) if reply else ([], problem)
        written += tweets
        kept = sum(tweet.dropped is None for tweet in tweets)
        brought.append(Brought(kept, why or next((tweet.reason for tweet in tweets if tweet.dropped), "")))
    problem = problem or "; ".join(sorted({one.why for one in brought if not one.kept}))
    found = Round(
        job_id, number, generator.name, WRITING.named(order.rules), order.rules, asdict(order.sampling), seed, replies
    )
    with store.writing() as session:
        generations.add_round(session, found.because(problem), written)
    return brought


def _seed(order: Order, job_id: int, number: int) -> int:
    """The seed of a round: another for every job, so that asking again brings other tweets."""
    return int(np.random.SeedSequence([order.seed, job_id, number]).generate_state(1)[0]) >> 1


def _ask(generator: Generator, requests: Sequence[Request], order: Order, seed: int) -> tuple[list[str], str]:
    """The replies, or none of them and why."""
    chats = [WRITING.messages(request, order.rules) for request in requests]
    room = TOKENS_PER_TWEET * max(len(request.briefs) for request in requests)
    try:
        return generator.generate(chats, room, order.sampling, seed), ""
    except ReplyError as error:
        return [], str(error)


def _read(reply: str, request: Request, gates: Gates) -> tuple[list[Written], str]:
    """The tweets in a reply after the gates, or none of them and why."""
    try:
        texts = parse(reply)[: len(request.briefs)]
    except ReplyError as error:
        return [], str(error)
    examined = gates.keeper.examine(texts, request.emotion)
    return [_written(one, request, brief, gates) for one, brief in zip(examined, request.briefs, strict=False)], ""


def _written(one: Examined, request: Request, brief: Brief, gates: Gates) -> Written:
    return Written(
        text=one.text,
        labels=frozenset(brief.labels),
        emotion=request.emotion,
        context=request.context,
        brief=brief.to_json(),
        passed=one.passed,
        dropped=one.dropped,
        reason=one.reason,
        nearest_id=None if one.nearest is None else gates.ids[one.nearest],
        closeness=one.closeness,
        bert=None if one.bert is None else one.bert.tolist(),
        judge=None if one.judge is None or np.isnan(one.judge).any() else one.judge.tolist(),
        readers={gate: name for gate, name in gates.readers.items() if getattr(one, gate) is not None},
    )
