"""
Augmentation: what synthetic tweets do for the F1 of surprise and trust on E-c dev, and what as many repeated tweets do.

Qwen writes tweets for both emotions, they pass the same gates as in the app, and
an automatic judge stands in for the reviewer: the same Qwen, calibrated on train
tweets and not told what was asked for, accepts a tweet whose target it finds
likelier than its threshold, with the labels that it finds besides. No person has
looked at these tweets. BERT is then trained three times each on the data as it
is, with the synthetic tweets, and with as many real tweets of the same emotions
once more; all else is the same. Two further ways to learn from the synthetic ones
stand beside: each counting less than a real one, and with the judge's
probabilities in place of its labels. A fifth of the real tweets is held out of
every training and chooses the thresholds. To save time each tweet is learnt from
in the one view that is read afterwards. Written tweets and finished models are
kept, so that the work can be stopped.
"""

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from benchmarks import ec, qwen
from benchmarks.claims import Claim, run
from benchmarks.kept import Kept
from emoclf import splits, thresholds
from emoclf.calibration import Calibration, fit_together
from emoclf.duplicates import Known
from emoclf.engines import TorchEngine
from emoclf.errors import ReplyError
from emoclf.fitting import Fitting, fit
from emoclf.gates import Gatekeeper
from emoclf.generators import Sampling, TorchGenerator
from emoclf.labels import EMOTIONS
from emoclf.metrics import compare
from emoclf.plans import TARGET, Planner, missing
from emoclf.progress import drain
from emoclf.settings import TrainingSettings
from emoclf.telling import told_apart
from emoclf.tweets import LabelledTexts
from emoclf.twins import twin_key
from emoclf.vectors import SentenceEncoder
from emoclf.writing import TOKENS_PER_TWEET, WRITING, parse

RARE = ("surprise", "trust")
SEEDS = (13, 14, 15)
POINTS = 5.0  # of F1 over the control that are aimed at
PER_REQUEST, REQUESTS = 5, 4  # tweets in a reply, replies written side by side
TRIES = 8  # tweets written at most for each that is wanted
FITTED = 400  # train tweets that the judge is calibrated on
LIGHT = 0.3  # what a synthetic tweet counts in the row where it counts less than a real one
JUDGE = "judge: Qwen itself, calibrated, not told the emotion that was asked for; no person has looked"
HEADER = "| trained on | surprise | trust | macro | trust and surprise over the control |\n|---|---:|---:|---:|---:|"


@dataclass(frozen=True)
class Judge:
    """Qwen in the reviewer's place."""

    engine: TorchEngine
    calibration: Calibration

    def labels(self, texts: list[str]) -> np.ndarray:
        """What it finds in texts, 0 or 1, shape (n, 11)."""
        raw = np.array(list(self.engine.score(texts))).reshape(-1, len(EMOTIONS))
        return self.calibration.labels(self.calibration.apply(raw)).astype(np.int8)


@dataclass(frozen=True)
class Way:
    """What is learnt from beside the real tweets, and how."""

    extra: LabelledTexts | None = None
    weight: float = 1.0  # of an extra tweet
    targets: np.ndarray | None = None  # of the extra tweets, shape (n, 11), in place of their labels

    @property
    def recipe(self) -> type[Fitting]:
        """The training of `emoclf.fitting`, with this weight and these targets."""
        way = self

        class Weighed(Fitting):
            def __init__(self, classifier: Any, train: LabelledTexts, *given: Any) -> None:
                super().__init__(classifier, train, *given)
                self.weights = np.where(train.is_extra, way.weight, 1.0).astype(np.float32)
                if way.targets is not None:
                    self.targets[train.is_extra] = way.targets

            def step(self, rows: np.ndarray) -> float:
                logits, rare = self.descent.logits(self.batch(rows)), self.descent.loss.pos_weight
                targets = torch.from_numpy(self.targets[rows]).to(logits.device)
                weights = torch.from_numpy(self.weights[rows]).to(logits.device)
                own = binary_cross_entropy_with_logits(logits, targets, pos_weight=rare, reduction="none")
                return self.descent.step((weights * own.mean(dim=1)).mean())

        return Weighed


def measure(quick: bool) -> list[Claim]:
    """Print what was written, a few samples, and the table; the claim is the mean gain over the control."""
    train, dev = ec.train_without_twins_of_dev(), ec.tweets("dev")
    if quick:
        train = train.take(ec.in_random_order(train)[:400])
        dev = dev.take(np.arange(200))
    written = synthetic(train, dev, quick)
    print(f"{len(written)} synthetic tweets; {JUDGE}\n")
    seeds = SEEDS[:1] if quick else SEEDS
    ways = {
        "none": Way(),
        "synthetic": Way(written),
        f"synthetic, each counting {LIGHT}": Way(written, weight=LIGHT),
        "synthetic, the judge's probabilities": Way(written, targets=_judged(train, written, quick)),
        "repeated": Way(repeated(train, written)),
    }
    said = {name: [_trained(train, dev, name, way, seed, quick) for seed in seeds] for name, way in ways.items()}
    gain = {name: _over_control(said, name, dev) for name in said}
    print(HEADER)
    for name, labels in said.items():
        print(_row(name, labels, dev, gain[name]))
    first = compare(dev.labels, said["repeated"][0], said["synthetic"][0])
    intervals = {
        name: f"{100 * first[name].difference:+.1f} ({100 * first[name].low:+.1f} … {100 * first[name].high:+.1f})"
        for name in RARE
    }
    detail = {"synthetic_tweets": len(written), "told_apart": _apart(train, written), "judge": "automatic"}
    detail |= {"first_seed_" + name: words for name, words in intervals.items()}
    detail |= {"over_none": round(100 * float(np.mean(gain["synthetic"] - gain["none"])), 2)}
    value = 100 * float(np.mean(gain["synthetic"]))
    return [Claim("F1 of trust and surprise over repeated real tweets", value, POINTS, "points", detail=detail)]


def synthetic(train: LabelledTexts, dev: LabelledTexts, quick: bool) -> LabelledTexts:
    """Tweets for both emotions that passed the gates and the judge, with the judge's labels."""
    found: dict[str, list[str]] = {}
    encoder = SentenceEncoder.open()
    texts = [*train.texts, *dev.texts]
    sources = ["train"] * len(train) + ["dev"] * len(dev)
    keeper = Gatekeeper(Known(texts, encoder.encode(texts)), sources, encoder.encode, {})
    for emotion in RARE:
        have = int(train.labels[:, EMOTIONS.names.index(emotion)].sum())
        writing = Writing(emotion, 2 if quick else missing(have, TARGET), quick)
        for text in writing.accepted:
            keeper.known.add(text, encoder.encode([text])[0])
        if not writing.is_over:
            writing.go_on(Planner(train, emotion), keeper, _judge(train, quick))
        print(writing.in_words)
        found |= dict(list(writing.accepted.items())[: writing.wanted])
    for text in dict.fromkeys([*list(found)[:3], *list(found)[-3:]]):
        print(f"  {text}")
    return LabelledTexts(list(found), EMOTIONS.encode(list(found.values())), [twin_key(text) for text in found])


class Writing:
    """The tweets for one emotion as far as they are written, kept in a file after every round."""

    def __init__(self, emotion: str, wanted: int, quick: bool) -> None:
        ec.CACHE.mkdir(parents=True, exist_ok=True)
        name = f"synthetic-{emotion}-{qwen.folder().name}-{WRITING.version}{'-quick' if quick else ''}.json"
        self.emotion, self.wanted, self.file = emotion, wanted, ec.CACHE / name
        kept = json.loads(self.file.read_text(encoding="utf-8")) if self.file.is_file() else {}
        self.rounds, self.passed = kept.get("rounds", 0), kept.get("passed", 0)
        self.accepted: dict[str, list[str]] = kept.get("accepted", {})  # the judge's labels by text

    @property
    def written(self) -> int:
        """How many tweets were asked for."""
        return int(self.rounds * REQUESTS * PER_REQUEST)

    @property
    def is_over(self) -> bool:
        """Whether there are enough, or too few come of it."""
        return len(self.accepted) >= self.wanted or self.written >= TRIES * self.wanted

    @property
    def in_words(self) -> str:
        """How far it is."""
        accepted = f"{len(self.accepted)} accepted by the judge, {self.wanted} wanted"
        return f"{self.emotion}: {self.written} written, {self.passed} passed the gates, {accepted}"

    def go_on(self, planner: Planner, keeper: Gatekeeper, judge: Judge) -> None:
        """Write until it is over."""
        generator = TorchGenerator(*qwen.model(), qwen.folder().name)
        while not self.is_over:
            first = self.rounds * REQUESTS
            requests = [planner.request(first + n, PER_REQUEST, (0,)) for n in range(REQUESTS)]
            chats = [WRITING.messages(request) for request in requests]
            replies = generator.generate(chats, TOKENS_PER_TWEET * PER_REQUEST, Sampling(), seed=self.rounds)
            self._take(replies, keeper, judge)
            print(self.in_words, file=sys.stderr, flush=True)

    def _take(self, replies: list[str], keeper: Gatekeeper, judge: Judge) -> None:
        found = [one for reply in replies for one in keeper.examine(_tweets(reply), self.emotion)]
        texts = [one.text for one in found if one.dropped is None]
        self.rounds, self.passed = self.rounds + 1, self.passed + len(texts)
        for text, row in zip(texts, EMOTIONS.decode(judge.labels(texts)), strict=True):
            if self.emotion in row:
                self.accepted[text] = EMOTIONS.ordered(row)
        kept = {"rounds": self.rounds, "passed": self.passed, "accepted": self.accepted}
        self.file.write_text(json.dumps(kept), encoding="utf-8")


def _judge(train: LabelledTexts, quick: bool) -> Judge:
    return Judge(TorchEngine(qwen.scorer(), qwen.folder().name), _calibration(train, quick))


def _judged(train: LabelledTexts, written: LabelledTexts, quick: bool) -> np.ndarray:
    """How likely the judge finds each emotion in the tweets written, shape (n, 11)."""
    return _calibration(train, quick).apply(qwen.answers(written.texts).probabilities)


def _calibration(train: LabelledTexts, quick: bool) -> Calibration:
    rows = ec.in_random_order(train)[: 40 if quick else FITTED]
    asked = qwen.answers([train.texts[row] for row in rows])
    return fit_together(asked.probabilities, train.labels[rows])


def _tweets(reply: str) -> list[str]:
    try:
        return parse(reply)[:PER_REQUEST]
    except ReplyError:
        return []


def repeated(train: LabelledTexts, written: LabelledTexts) -> LabelledTexts:
    """As many real tweets of the same emotions once more: so many with surprise, so many with trust."""
    random, rows = np.random.default_rng(0), np.zeros(0, dtype=int)
    for emotion in RARE:
        column = EMOTIONS.names.index(emotion)
        own = np.flatnonzero(train.labels[:, column])
        rows = np.concatenate([rows, random.choice(own, int(written.labels[:, column].sum()))])
    return train.take(random.permutation(rows)[: len(written)])


def _trained(train: LabelledTexts, dev: LabelledTexts, name: str, way: Way, seed: int, quick: bool) -> np.ndarray:
    """What BERT says of dev, 0 or 1, with thresholds from real train tweets that it never saw."""
    part = splits.folds(train.labels, train.groups, 5, seed=0)
    held_out, data = train.take(np.flatnonzero(part == 0)), train.take(np.flatnonzero(part))
    data = data if way.extra is None else data.with_extra(way.extra)
    settings = TrainingSettings(seed=seed, views=("light",), epochs=1 if quick else None)
    if not quick:
        settings = replace(settings, base=ec.first_stage())

    def said() -> np.ndarray:
        fitted = drain(fit(data, held_out, settings, recipe=way.recipe))
        fitted.classifier.thresholds = thresholds.fit(held_out.labels, fitted.held_out)
        return fitted.classifier.labels(drain(fitted.classifier.probabilities(dev.texts)))

    key = f"{ec.memory_of(data, settings).folder.name} {len(dev)} {name} {thresholds.JACCARD}"
    return Kept(ec.CACHE / "augmentation.jsonl").get(key, said)


def _f1(labels: np.ndarray, dev: LabelledTexts) -> dict[str, float]:
    """F1 per emotion, and of all under "macro"."""
    hits, either = (labels * dev.labels).sum(0), (labels + dev.labels).sum(0)
    f1 = 2 * hits / np.maximum(either, 1)
    return {**dict(zip(EMOTIONS.names, f1.tolist(), strict=True)), "macro": float(f1.mean())}


def _over_control(said: dict[str, list[np.ndarray]], name: str, dev: LabelledTexts) -> np.ndarray:
    """By how much the mean F1 of both emotions is above the control's, seed by seed."""
    means = {
        one: np.array([np.mean([_f1(labels, dev)[emotion] for emotion in RARE]) for labels in said[one]])
        for one in (name, "repeated")
    }
    return np.asarray(means[name] - means["repeated"])


def _row(name: str, said: list[np.ndarray], dev: LabelledTexts, gain: np.ndarray) -> str:
    f1 = [_f1(labels, dev) for labels in said]
    figures = [f"{100 * np.mean([one[key] for one in f1]):.1f}" for key in (*RARE, "macro")]
    return f"| {name} | {' | '.join(figures)} | {100 * gain.mean():+.1f} |"


def _apart(train: LabelledTexts, written: LabelledTexts) -> float | None:
    """How well synthetic tweets can be told from real ones of the same emotions; 0.5 is chance."""
    encoder, columns = SentenceEncoder.open(), [EMOTIONS.names.index(emotion) for emotion in RARE]
    real = [train.texts[row] for row in np.flatnonzero(train.labels[:, columns].any(axis=1))]
    found = told_apart(encoder.encode(real), encoder.encode(written.texts))
    return None if found is None else round(found, 3)


if __name__ == "__main__":
    run(measure)
