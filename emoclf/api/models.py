"""
Public functions that train a classifier and predict with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from emoclf.backends.settings import TrainingSettings
from emoclf.errors import TooLittleDataError
from emoclf.labels import EMOTIONS
from emoclf.progress import Progress, drain
from emoclf.text.twins import twin_key
from emoclf.training.classifier import Classifier
from emoclf.training.cross_validation import fine_tune
from emoclf.tweets import LabelledTexts, Tweet


@dataclass(frozen=True)
class TrainedClassifier:
    """A classifier, its training tweets, and out-of-fold predictions for them."""

    classifier: Classifier
    tweets: list[Tweet]  # the training tweets
    out_of_fold: np.ndarray  # probabilities, shape (n, 11); row i by a model that saw neither tweet i nor its twins


@dataclass(frozen=True)
class Predictions:
    """The predictions of a classifier, one row per text."""

    probabilities: np.ndarray  # float32, shape (n, 11), columns in the order of `EMOTIONS.names`
    labels: np.ndarray  # int8, the same shape: 1 where a probability reaches its emotion's threshold

    @property
    def emotions(self) -> list[frozenset[str]]:
        """The names of the predicted emotions, one set for each text."""
        return EMOTIONS.decode(self.labels)


def train(
    tweets: Sequence[Tweet],
    settings: TrainingSettings | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> TrainedClassifier:
    """Train a BERT classifier on labelled tweets.

    It learns only from the tweets of the split "train" that have labels, without those that have a twin (the same text
    except for a hashtag, a mention or a link) in another split. First, cross-validation trains one model per fold; the
    out-of-fold predictions choose each emotion's threshold and are returned as `out_of_fold`. Then the classifier
    itself is trained on all train tweets. The same tweets, settings and machine give the same classifier.

    Parameters
    ----------
    tweets : at least 50 train tweets, with at least one for each emotion; several hundred give useful results
    settings : base model, epochs, folds, seed and more; None uses the defaults, which suit a laptop without a GPU
    on_progress : called after every few batches

    Returns
    -------
    A `TrainedClassifier`. `trained.classifier.save(Path("folder"))` saves it and `emoclf.Classifier.load` loads it.

    Raises
    ------
    TooLittleDataError : if there are too few train tweets, or none for some emotion
    ModelError : if the base model cannot be found or loaded

    Examples
    --------
    This example takes seconds; real training needs far more tweets:

    >>> import emoclf
    >>> tweets = [
    ...     emoclf.Tweet(f"{name}-{word}", f"{name} {word}", frozenset({name}))
    ...     for name in emoclf.EMOTIONS.names
    ...     for word in ("today", "again", "really", "honestly", "still")
    ... ]
    >>> settings = emoclf.TrainingSettings(epochs=1, folds=2, max_length=8)
    >>> trained = emoclf.train(tweets, settings)
    >>> len(trained.tweets), trained.out_of_fold.shape
    (55, (55, 11))
    >>> predictions = emoclf.predict(trained.classifier, ["what a lovely morning"])
    >>> predictions.probabilities.shape, predictions.labels.shape
    ((1, 11), (1, 11))
    """
    held_out = {twin_key(tweet.text) for tweet in tweets if tweet.split != "train"}
    used = [tweet for tweet in tweets if _is_trainable(tweet) and twin_key(tweet.text) not in held_out]
    if not used:
        raise TooLittleDataError(
            f"none of the {len(tweets):,} tweets can be trained on; their split must be 'train', and they need labels"
        )
    labels = EMOTIONS.encode([tweet.original or () for tweet in used])
    data = LabelledTexts([tweet.text for tweet in used], labels, [twin_key(tweet.text) for tweet in used])
    result = drain(fine_tune(data, settings or TrainingSettings()), on_progress or _ignore)
    return TrainedClassifier(result.classifier, used, result.out_of_fold)


def predict(classifier: Classifier, tweets: Sequence[Tweet | str]) -> Predictions:
    """Predict the emotions of tweets.

    For tweets that the classifier learned from, use `TrainedClassifier.out_of_fold` instead: a model is overconfident
    about its training data.

    Parameters
    ----------
    classifier : `TrainedClassifier.classifier`, or the result of `Classifier.load`
    tweets : tweets or plain texts, as they were written

    Returns
    -------
    `Predictions` with `probabilities`, `labels` and `emotions`; see `train` for an example.
    """
    texts = [tweet if isinstance(tweet, str) else tweet.text for tweet in tweets]
    probabilities = drain(classifier.probabilities(texts))
    return Predictions(probabilities, classifier.labels(probabilities))


def _is_trainable(tweet: Tweet) -> bool:
    return tweet.split == "train" and tweet.original is not None


def _ignore(progress: Progress) -> None:
    """Ignore the progress."""
