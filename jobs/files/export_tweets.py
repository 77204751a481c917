"""
Streams the labelled tweets of a store for exports, with what the models say about them where that is wanted.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sqlalchemy.orm import Session

from db import synthetic
from db.exports import Models, exported_tweets, no_models
from db.predictions import best_predictions
from db.suggestions import latest_suggestions
from db.values import Labelled
from emoclf.export.exported_tweets import ExportedTweet, ModelLabels
from jobs.doubts.ranking import Calibrations

DECIMALS = 4  # of a probability
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

    Tweets without labels are left out of "approved".

    Parameters
    ----------
    what : a key of `LABELS`
    with_models : with the labels of the LLM and of BERT
    """
    models = partial(_models, session, calibrations) if with_models else no_models
    for chunk in exported_tweets(session, LABELS[what], models):
        yield from (one for one in chunk if one.labels is not None) if what == "approved" else chunk
    if what == "approved":
        yield from map(_synthetic, synthetic.trainable(session, "accepted"))


def _models(session: Session, calibrations: Calibrations, ids: Sequence[int]) -> Models:
    """The labels of the LLM and of BERT for tweets with these ids."""
    suggestions, predictions = latest_suggestions(session, ids), best_predictions(session, ids)
    of_llm, of_run = {}, {}
    known = zip(suggestions.items(), calibrations.of_all(list(suggestions.values())), strict=True)
    for (i, suggested), (probabilities, labels) in known:
        of_llm[i] = ModelLabels(suggested.engine, labels, _rounded(probabilities.tolist()))
    for i, predicted in predictions.items():
        name = f"run {predicted.run_id}"
        of_run[i] = ModelLabels(name, predicted.labels, _rounded(predicted.probabilities), predicted.run_id)
    return of_llm, of_run


def _rounded(probabilities: Iterable[float]) -> list[float]:
    return [round(p, DECIMALS) for p in probabilities]


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
