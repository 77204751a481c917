"""
Builds the data of one tweet on the review card: labels of each source, and the reason for doubt.
"""

from collections.abc import Collection, Mapping
from typing import Any

from db.values import QueueItem
from emoclf.labels import EMOTIONS, GLOSSES, KEYS
from emoclf.llm.prompts import is_yes_no
from emoclf.review.doubt import in_words
from jobs.doubts.ranking import Calibrations

LETTERS = [{"name": name, "key": KEYS[name], "meaning": f"also {GLOSSES[name]}"} for name in EMOTIONS.names]


def card(
    item: QueueItem, calibrations: Calibrations, twins: Collection[frozenset[str]] = frozenset()
) -> dict[str, Any]:
    """One tweet as card data; `twins` are the original labels in its twin group."""
    suggestion, prediction = _suggestion(item, calibrations), _prediction(item)
    return {
        "id": item.tweet_id,
        "text": item.text,
        "split": item.split,
        "decision": item.decision_id,
        "emotion": item.emotion,
        "doubt": item.doubt,
        "reason": reason(item, {"BERT": prediction, "Qwen": suggestion}, twins),
        "original": EMOTIONS.ordered(item.original),
        "suggestion": suggestion,
        "prediction": prediction,
        "in_force": None,  # set by `jobs.review.reopened` for decided tweets
    }


def reason(
    item: QueueItem,
    sources: Mapping[str, Mapping[str, Any] | None],
    twins: Collection[frozenset[str]] = frozenset(),
) -> str:
    """The reason for doubt in words; empty without any source."""
    if item.emotion is None:
        return ""
    says = {name: _says(source, item.emotion) for name, source in sources.items() if source}
    is_original = item.emotion in item.original
    disagrees = any((item.emotion in labels) != is_original for labels in twins)
    return in_words(item.emotion, is_original, says, not is_original if disagrees else None)


def _says(source: Mapping[str, Any], emotion: str) -> float | bool:
    """A source's probability of an emotion, or whether it gives the emotion if it has no probabilities."""
    if source["probabilities"] is None:
        return emotion in source["labels"]
    return float(source["probabilities"][EMOTIONS.names.index(emotion)])


def _suggestion(item: QueueItem, calibrations: Calibrations) -> dict[str, Any] | None:
    """An LLM's suggestion with the name of its engine."""
    if item.suggestion is None:
        return None
    probabilities, labels = calibrations.of(item.suggestion)
    shown = None if is_yes_no(item.suggestion.prompt_version) else [round(float(p), 4) for p in probabilities]
    return {
        "id": item.suggestion.id,
        "by": item.suggestion.engine[0].upper() + item.suggestion.engine[1:],
        "labels": EMOTIONS.ordered(labels),
        "probabilities": shown,
    }


def _prediction(item: QueueItem) -> dict[str, Any] | None:
    if item.prediction is None:
        return None
    fold = ", out of fold" if item.prediction.out_of_fold else ""
    return {
        "run": item.prediction.run_id,
        "by": f"run {item.prediction.run_id}{fold}",
        "labels": EMOTIONS.ordered(item.prediction.labels),
        "probabilities": [round(p, 4) for p in item.prediction.probabilities],
    }
