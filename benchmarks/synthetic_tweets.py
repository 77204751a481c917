"""
Synthetic tweets for the augmentation benchmark: written by Qwen, filtered by gates and an automatic judge, and cached.

The judge is the same Qwen, calibrated and not told the requested emotion; no person has seen these tweets. Examples,
styles and the calibration come from the training tweets, never from those that choose the thresholds.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import ec, qwen
from emoclf.errors import ReplyError
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from emoclf.llm.chat_model import ChatModel, Sampling
from emoclf.llm.torch_model import TorchChatModel
from emoclf.metrics.calibration import Calibration, fit_jointly
from emoclf.synthetic.duplicates import KnownTexts
from emoclf.synthetic.embeddings import SentenceEncoder
from emoclf.synthetic.gates import Gatekeeper
from emoclf.synthetic.plans import TARGET, Planner, missing
from emoclf.synthetic.prompting import TOKENS_PER_TWEET, WRITING, parse
from emoclf.text.twins import twin_key
from emoclf.tweets import LabelledTexts

RARE = ("surprise", "trust")
PER_REQUEST, REQUESTS = 5, 4  # tweets in a reply, replies per batch
TRIES = 8  # maximum number of tweets written per requested one
FITTED = 400  # train tweets for the judge's calibration
SAMPLE = Path(__file__).resolve().parents[1] / "datasets" / "sample-train.csv"


@dataclass(frozen=True)
class Judge:
    """Qwen in the reviewer's place."""

    model: ChatModel
    calibration: Calibration

    def labels(self, texts: list[str]) -> np.ndarray:
        """Return the labels of texts, 0 or 1, shape (n, 11)."""
        raw = np.array(list(self.model.score(texts))).reshape(-1, len(EMOTIONS))
        return self.calibration.labels(self.calibration.apply(raw)).astype(np.int8)


def from_sample(n: int) -> LabelledTexts:
    """Return the first n invented tweets of the sample with a rare emotion: a quick stand-in for Qwen's tweets."""
    tweets = [tweet for tweet in read_tweets(SAMPLE).tweets if tweet.original & set(RARE)][:n]
    texts = [tweet.text for tweet in tweets]
    return LabelledTexts(texts, EMOTIONS.encode([tweet.original for tweet in tweets]), [twin_key(t) for t in texts])


def synthetic(train: LabelledTexts, held_out: LabelledTexts, dev: LabelledTexts) -> LabelledTexts:
    """Return tweets for both emotions that passed the gates and the judge, with the judge's labels.

    The gates drop repetitions of training, held-out and dev tweets alike.
    """
    found: dict[str, list[str]] = {}
    encoder = SentenceEncoder.open()
    texts = [*train.texts, *held_out.texts, *dev.texts]
    sources = ["train"] * (len(train) + len(held_out)) + ["dev"] * len(dev)
    gatekeeper = Gatekeeper(KnownTexts(texts, encoder.encode(texts)), sources, encoder.encode, {})
    for emotion in RARE:
        column = EMOTIONS.names.index(emotion)
        n_present = int(train.labels[:, column].sum() + held_out.labels[:, column].sum())
        writing = Writing(emotion, missing(n_present, TARGET))
        for text in writing.accepted:
            gatekeeper.known.add(text, encoder.encode([text])[0])
        if not writing.is_done:
            writing.run(Planner(train, emotion), gatekeeper, _judge(train))
        print(writing.in_words)
        found |= dict(list(writing.accepted.items())[: writing.wanted])
    for text in dict.fromkeys([*list(found)[:3], *list(found)[-3:]]):
        print(f"  {text}")
    return LabelledTexts(list(found), EMOTIONS.encode(list(found.values())), [twin_key(text) for text in found])


class Writing:
    """The tweets for one emotion written so far, saved to a file after every round."""

    def __init__(self, emotion: str, wanted: int) -> None:
        ec.CACHE.mkdir(parents=True, exist_ok=True)
        name = f"synthetic-from-four-fifths-{emotion}-{qwen.folder().name}-{WRITING.version}.json"
        self.emotion, self.wanted, self.file = emotion, wanted, ec.CACHE / name
        state = json.loads(self.file.read_text(encoding="utf-8")) if self.file.is_file() else {}
        self.rounds, self.passed = state.get("rounds", 0), state.get("passed", 0)
        self.accepted: dict[str, list[str]] = state.get("accepted", {})  # the judge's labels by text

    @property
    def written(self) -> int:
        """How many tweets were requested."""
        return int(self.rounds * REQUESTS * PER_REQUEST)

    @property
    def is_done(self) -> bool:
        """Whether there are enough tweets, or the limit is reached."""
        return len(self.accepted) >= self.wanted or self.written >= TRIES * self.wanted

    @property
    def in_words(self) -> str:
        """The progress, in words."""
        accepted = f"{len(self.accepted)} accepted by the judge, {self.wanted} wanted"
        return f"{self.emotion}: {self.written} written, {self.passed} passed the gates, {accepted}"

    def run(self, planner: Planner, gatekeeper: Gatekeeper, judge: Judge) -> None:
        """Write tweets until it is over."""
        generator = TorchChatModel(*qwen.model(), qwen.folder().name)
        while not self.is_done:
            first = self.rounds * REQUESTS
            requests = [planner.request(first + n, PER_REQUEST, (0,)) for n in range(REQUESTS)]
            chats = [WRITING.messages(request) for request in requests]
            replies = generator.generate(chats, TOKENS_PER_TWEET * PER_REQUEST, Sampling(), seed=self.rounds)
            self._take(replies, gatekeeper, judge)
            print(self.in_words, file=sys.stderr, flush=True)

    def _take(self, replies: list[str], gatekeeper: Gatekeeper, judge: Judge) -> None:
        found = [one for reply in replies for one in gatekeeper.examine(_tweets(reply), self.emotion)]
        texts = [one.text for one in found if one.dropped is None]
        self.rounds, self.passed = self.rounds + 1, self.passed + len(texts)
        for text, row in zip(texts, EMOTIONS.decode(judge.labels(texts)), strict=True):
            if self.emotion in row:
                self.accepted[text] = EMOTIONS.ordered(row)
        state = {"rounds": self.rounds, "passed": self.passed, "accepted": self.accepted}
        self.file.write_text(json.dumps(state), encoding="utf-8")


def judge_probabilities(train: LabelledTexts, written: LabelledTexts) -> np.ndarray:
    """Return the judge's probability of each emotion in the synthetic tweets, shape (n, 11)."""
    return _calibration(train).apply(qwen.answers(written.texts).probabilities)


def _judge(train: LabelledTexts) -> Judge:
    return Judge(TorchChatModel(*qwen.model(), qwen.folder().name), _calibration(train))


def _calibration(train: LabelledTexts) -> Calibration:
    rows = ec.in_random_order(train)[:FITTED]
    answers = qwen.answers([train.texts[row] for row in rows])
    return fit_jointly(answers.probabilities, train.labels[rows])


def _tweets(reply: str) -> list[str]:
    try:
        return parse(reply)[:PER_REQUEST]
    except ReplyError:
        return []
