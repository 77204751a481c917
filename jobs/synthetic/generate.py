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
from emoclf.errors import EngineError, ReplyError, SettingError, TooLittleDataError
from emoclf.hub.uris import is_remote
from emoclf.labels import EMOTIONS
from emoclf.llm.chat_model import ChatModel, Sampling
from emoclf.llm.opening import open_chat_model
from emoclf.progress import Progress, Work
from emoclf.synthetic.gates import Examined
from emoclf.synthetic.plans import CONTEXTS, Brief, Planner, Request, spread
from emoclf.synthetic.prompting import TOKENS_PER_TWEET, WRITING, parse
from jobs.synthetic.gate_setup import Gates, open_gates, real_train

PER_ROUND = 20  # tweets: five per context
FAILURES = 12  # consecutive requests without an accepted tweet before the job fails
SAME, NONE = "same", "none"  # the judge: the generating model, or none


@dataclass(frozen=True)
class Order:
    """The settings of a generation job."""

    emotion: str
    count: int  # tweets to generate, whether or not they pass the gates
    engine: str  # model URI
    seed: int = 13
    temperature: float = Sampling.temperature
    top_p: float = Sampling.top_p
    judge: str = SAME  # model URI of another judge, "same" or "none"
    rules: tuple[str, ...] = ()  # added to the prompt
    failures: int = FAILURES

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", tuple(self.rules))  # JSON has only lists
        EMOTIONS.check([self.emotion])
        if self.count < 1 or self.failures < 1:
            raise SettingError(f"count is {self.count} and failures is {self.failures}; both must be at least 1")

    @property
    def sampling(self) -> Sampling:
        """The sampling parameters of the model."""
        return Sampling(self.temperature, self.top_p)

    def settings(self) -> dict[str, Any]:
        """The settings of the job as JSON.

        Raises
        ------
        ModelError : if an address contains a password, which would be stored with the job
        SettingError : if a setting is invalid
        """
        from emoclf.llm.openai_client import Address

        for uri in (self.engine, self.judge):
            if is_remote(uri):
                Address.of(uri)
        self.sampling  # noqa: B018 - checks it
        return {**asdict(self), "rules": list(self.rules)}


def run(store: Store, job: Job) -> Work[dict[str, Any]]:
    """The job: its settings are the fields of `Order`; resumes automatically."""
    order = Order(**job.settings)
    yield Progress(0, order.count, "loading the model")
    generator = open_chat_model(order.engine)
    return (yield from generate(store, job.id, order, generator, _judge(order, generator)))


def shown_chat(store: Store, order: Order) -> list[dict[str, str]]:
    """An example prompt of such a job; other requests have other examples and style attributes."""
    request = Planner(real_train(store), order.emotion).request(0, PER_ROUND // len(CONTEXTS), (order.seed,))
    return WRITING.messages(request, order.rules)


def _judge(order: Order, generator: ChatModel) -> ChatModel | None:
    if order.judge == NONE:
        return None
    judge = generator if order.judge in (SAME, order.engine) else open_chat_model(order.judge)
    judge.prompt_version  # noqa: B018 - raises if it cannot judge, before anything is written
    return judge


def generate(
    store: Store, job_id: int, order: Order, generator: ChatModel, judge: ChatModel | None
) -> Work[dict[str, Any]]:
    """Generate `order.count` tweets in total, including those this job has already generated.

    Raises
    ------
    TooLittleDataError : if there are no train tweets to take style attributes from
    EngineError : if `order.failures` consecutive requests yield nothing that passes the gates
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
    """The result of one request: the number of passing tweets, and why not more passed."""

    kept: int
    why: str


def _round(
    store: Store, job_id: int, order: Order, planner: Planner, generator: ChatModel, gates: Gates, left: int
) -> list[Brought]:
    """Send one request per context, apply the gates, and store the results together."""
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
    """The seed of a round; it differs between jobs, so that another job yields other tweets."""
    return int(np.random.SeedSequence([order.seed, job_id, number]).generate_state(1)[0]) >> 1


def _ask(generator: ChatModel, requests: Sequence[Request], order: Order, seed: int) -> tuple[list[str], str]:
    """The replies, or none and the reason."""
    chats = [WRITING.messages(request, order.rules) for request in requests]
    room = TOKENS_PER_TWEET * max(len(request.briefs) for request in requests)
    try:
        return generator.generate(chats, room, order.sampling, seed), ""
    except ReplyError as error:
        return [], str(error)


def _read(reply: str, request: Request, gates: Gates) -> tuple[list[Written], str]:
    """The tweets of a reply after the gates, or none and the reason."""
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
        gates=one.gates,
        nearest_id=None if one.nearest is None else gates.ids[one.nearest],
        closeness=one.closeness,
    )
