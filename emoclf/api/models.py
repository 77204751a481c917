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
    """A classifier, the tweets that it learned from, and unbiased predictions for them."""

    classifier: Classifier
    tweets: list[Tweet]  # that it learned from
    out_of_fold: np.ndarray  # probabilities, shape (n, 11); row i is for tweet i, by a model that saw no twin of it


@dataclass(frozen=True)
class Predictions:
    """What a classifier predicts, one row for each text."""

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

    It learns from the tweets of the split "train" alone, and from none that has a twin (the same text but for a
    hashtag, a mention or a link) in another split. First one model per fold is trained without that fold; these models'
    predictions choose each emotion's threshold and are returned as `out_of_fold`. Then the classifier itself is trained
    on all train tweets. The same tweets, settings and machine give the same classifier.

    Parameters
    ----------
    tweets : at least 50 train tweets, with at least one for each emotion; several hundred give useful results
    settings : base model, epochs, folds, seed and more; None takes the defaults, which suit a laptop without a GPU
    on_progress : called after every few batches

    Returns
    -------
    A `TrainedClassifier`. `trained.classifier.save(Path("folder"))` keeps it and `emoclf.Classifier.load` reads it.

    Raises
    ------
    TooLittleDataError : if there are too few train tweets, or none for some emotion
    ModelError : if the base model cannot be found or loaded

    Examples
    --------
    A training as small as this one takes seconds, and the classifier learns next to nothing from it:

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
    used = [tweet for tweet in tweets if tweet.split == "train" and twin_key(tweet.text) not in held_out]
    if not used:
        raise TooLittleDataError(f"none of the {len(tweets):,} tweets can be trained on; their split must be 'train'")
    labels = EMOTIONS.encode([tweet.original for tweet in used])
    data = LabelledTexts([tweet.text for tweet in used], labels, [twin_key(tweet.text) for tweet in used])
    result = drain(fine_tune(data, settings or TrainingSettings()), on_progress or _ignore)
    return TrainedClassifier(result.classifier, used, result.out_of_fold)


def predict(classifier: Classifier, tweets: Sequence[Tweet | str]) -> Predictions:
    """Predict the emotions of tweets.

    For tweets that the classifier learned from, use `TrainedClassifier.out_of_fold` instead: a model is too sure of
    texts that it has seen.

    Parameters
    ----------
    classifier : `TrainedClassifier.classifier`, or what `Classifier.load` has read
    tweets : tweets or bare texts, as they were written

    Returns
    -------
    `Predictions` with `probabilities`, `labels` and `emotions`; see `train` for an example.
    """
    texts = [tweet if isinstance(tweet, str) else tweet.text for tweet in tweets]
    probabilities = drain(classifier.probabilities(texts))
    return Predictions(probabilities, classifier.labels(probabilities))


def _ignore(progress: Progress) -> None:
    """Report no progress to anybody."""
