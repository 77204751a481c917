"""
Streams the labelled tweets of a store for exports, with what the models say about them where that is wanted.
"""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from db import synthetic
from db.exports import exported_tweets
from db.predictions import best_predictions
from db.suggestions import latest_suggestions
from db.values import Labelled, Predicted, Suggested
from emoclf.export.exported_tweets import ExportedTweet, ModelLabels
from jobs.doubts.ranking import Calibrations

LABELS = {  # the labels of the contents that are labelled tweets, see `db.exports.exported_tweets`
    "approved": "approved",
    "decided": "reviewed",
    "everything": "approved",
    "originals": "original",
}


def tweets(
    session: Session, calibrations: Calibrations, what: str, with_models: bool = False
) -> Iterator[ExportedTweet]:
    """The tweets of an export in id order; for "approved" then the synthetic tweets that a reviewer accepted.

    Parameters
    ----------
    what : a key of `LABELS`
    with_models : with the labels of the LLM and of BERT
    """
    for chunk in exported_tweets(session, LABELS[what]):
        if with_models:
            yield from _with_models(session, calibrations, chunk)
        else:
            yield from (tweet for _, tweet in chunk)
    if what == "approved":
        yield from map(_synthetic, synthetic.trainable(session, "accepted"))


def _with_models(
    session: Session, calibrations: Calibrations, chunk: list[tuple[int, ExportedTweet]]
) -> Iterator[ExportedTweet]:
    ids = [tweet_id for tweet_id, _ in chunk]
    suggestions, predictions = latest_suggestions(session, ids), best_predictions(session, ids)
    for tweet_id, tweet in chunk:
        suggested, predicted = suggestions.get(tweet_id), predictions.get(tweet_id)
        yield replace(
            tweet,
            suggestion=_of_llm(suggested, calibrations) if suggested else None,
            prediction=_of_run(predicted) if predicted else None,
        )


def _of_llm(suggested: Suggested, calibrations: Calibrations) -> ModelLabels:
    probabilities, labels = calibrations.of(suggested)
    return ModelLabels(suggested.engine, labels, [float(p) for p in probabilities])


def _of_run(predicted: Predicted) -> ModelLabels:
    return ModelLabels(f"run {predicted.run_id}", predicted.labels, predicted.probabilities, predicted.run_id)


def _synthetic(tweet: Labelled) -> ExportedTweet:
    return ExportedTweet(
        key=tweet.key,
        text=tweet.text,
        split=tweet.split,
        labels=tweet.labels,
        label_origin="synthetic",
        original=None,
        reviewer=tweet.reviewer,
        decided_at=tweet.decided_at.isoformat() if tweet.decided_at else None,
    )
