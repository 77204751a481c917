"""
Builds the data of one tweet on the review card: labels of each source, and the reason for doubt.
"""

import re
from collections.abc import Collection, Mapping

from db.values import QueueItem
from emoclf.labels import EMOTIONS, GLOSSES, KEYS
from emoclf.llm.prompts import is_imported, is_yes_no
from emoclf.review.doubt import in_words
from jobs.doubts.ranking import Calibrations
from jobs.review.card_messages import Emotion
from jobs.review.review_messages import Prediction, ReviewTweet, Suggestion

LETTERS = [Emotion(name=name, key=KEYS[name], meaning=f"also {GLOSSES[name]}") for name in EMOTIONS.names]


def card(item: QueueItem, calibrations: Calibrations, twins: Collection[frozenset[str]] = frozenset()) -> ReviewTweet:
    """One tweet as card data; `twins` are the original labels in its twin group."""
    suggestion, prediction = _suggestion(item, calibrations), _prediction(item)
    votes = {"BERT": prediction, _model_name(item, suggestion): suggestion}
    return ReviewTweet(
        id=item.tweet_id,
        text=item.text,
        split=item.split,
        decision=item.decision_id,
        emotion=item.emotion,
        doubt=item.known_doubt,
        reason=reason(item, votes, twins),
        original=original_of(item),
        suggestion=suggestion,
        prediction=prediction,
    )


def original_of(item: QueueItem) -> list[str] | None:
    """The original labels of a tweet as messages have them; None if it came without labels."""
    return None if item.original is None else EMOTIONS.ordered(item.original)


def reason(
    item: QueueItem,
    sources: Mapping[str, Suggestion | Prediction | None],
    twins: Collection[frozenset[str]] = frozenset(),
) -> str:
    """The reason for doubt in words; empty without any source, or without original labels."""
    if item.emotion is None or item.original is None:
        return ""
    votes = {name: _vote(source, item.emotion) for name, source in sources.items() if source}
    is_original = item.emotion in item.original
    disagrees = any((item.emotion in labels) != is_original for labels in twins)
    return in_words(item.emotion, is_original, votes, not is_original if disagrees else None)


def family_name(engine: str) -> str:
    """The family of a language model, or "LLM" if its name starts with no word: as in `familyName` of card_votes.js.

    >>> family_name("hf:Qwen/Qwen2.5-1.5B-Instruct"), family_name("openai:http://host:8000/v1#llama3:8b")
    ('Qwen', 'llama')
    >>> family_name("dir:/models/phi-4/"), family_name("")
    ('phi', 'LLM')
    """
    last = next((part for part in reversed(re.split(r"[/#]", engine)) if part), "")
    found = re.match(r"[^\W\d_]+", re.sub(r"^[a-z]+:(?=.)", "", last))
    return found[0] if found else "LLM"


def _vote(source: Suggestion | Prediction, emotion: str) -> float | bool:
    """A source's probability of an emotion, or whether it gives the emotion if it has no probabilities."""
    if source.probabilities is None:
        return emotion in source.labels
    return source.probabilities[EMOTIONS.names.index(emotion)]


def _suggestion(item: QueueItem, calibrations: Calibrations) -> Suggestion | None:
    """An LLM's suggestion with the name of its engine."""
    if item.suggestion is None:
        return None
    probabilities, labels = calibrations.of(item.suggestion)
    shown = None if is_yes_no(item.suggestion.prompt_version) else [round(float(p), 4) for p in probabilities]
    name = item.suggestion.engine[0].upper() + item.suggestion.engine[1:]
    return Suggestion(id=item.suggestion.id, by=name, labels=EMOTIONS.ordered(labels), probabilities=shown)


def _model_name(item: QueueItem, suggestion: Suggestion | None) -> str:
    """The name of the suggestion's model in the reason for doubt; one that was imported names its tool, too."""
    if item.suggestion and is_imported(item.suggestion.prompt_version):
        return item.suggestion.engine
    return family_name(suggestion.by if suggestion else "")


def _prediction(item: QueueItem) -> Prediction | None:
    if item.prediction is None:
        return None
    fold = ", out of fold" if item.prediction.out_of_fold else ""
    return Prediction(
        run=item.prediction.run_id,
        by=f"run {item.prediction.run_id}{fold}",
        labels=EMOTIONS.ordered(item.prediction.labels),
        probabilities=[round(float(p), 4) for p in item.prediction.probabilities],
    )
