"""
Public functions that score predictions, compare two sets of predictions, and estimate doubt.
"""

from collections.abc import Sequence

import numpy as np

from emoclf.labels import EMOTIONS
from emoclf.metrics import scores
from emoclf.metrics.scores import Change, Scores
from emoclf.review import doubt as doubting
from emoclf.review.doubt import Doubts
from emoclf.text.twins import twin_key
from emoclf.tweets import Tweet


def score(tweets: Sequence[Tweet], predicted: np.ndarray) -> Scores:
    """Score predicted labels against the labels of tweets.

    The 95 % intervals are over tweets, and twins count as one observation; docs/statistics.md names the methods.

    Parameters
    ----------
    tweets : tweets that the classifier has not learned from
    predicted : 0 or 1, shape (n, 11), such as `Predictions.labels`

    Returns
    -------
    `Scores`: macro-F1 with its interval, micro-F1, Jaccard index, accuracy, and the figures of each emotion.

    Raises
    ------
    ValueError : if `predicted` has another shape, there are no tweets, or one has no labels

    Examples
    --------
    >>> import emoclf
    >>> happy = emoclf.Tweet("1", "what a happy day", frozenset({"joy"}))
    >>> sad = emoclf.Tweet("2", "I miss my old dog", frozenset({"sadness"}))
    >>> predicted = emoclf.EMOTIONS.encode([{"joy"}, {"joy"}])
    >>> scores = emoclf.score([happy, sad], predicted)
    >>> round(scores.macro_f1, 3), scores.macro_over  # the mean of 2/3 and 0
    (0.333, ('joy', 'sadness'))
    >>> scores.per_emotion["joy"].precision
    0.5
    """
    return scores.score(_labels(tweets), np.asarray(predicted), groups=_twin_groups(tweets))


def compare(tweets: Sequence[Tweet], before: np.ndarray, after: np.ndarray) -> dict[str, Change]:
    """Compare two sets of predicted labels for the same tweets, such as those of two classifiers.

    The p-values of the emotions are corrected for the number of emotions (Holm, 1979): if nothing changed, the
    probability that a change is reported for any of them is at most 5 %.

    Parameters
    ----------
    tweets : tweets that neither classifier has learned from
    before, after : 0 or 1, shape (n, 11)

    Returns
    -------
    A `Change` of F1 for each emotion, and for their mean under "macro". `Change.verdict` is "better", "worse" or "no
    evidence of change".

    Raises
    ------
    ValueError : if an array has another shape, there are no tweets, or one has no labels

    Examples
    --------
    >>> import emoclf
    >>> tweets = [emoclf.Tweet(str(i), f"happy number {i}", frozenset({"joy"})) for i in range(40)]
    >>> nothing, everything = emoclf.EMOTIONS.encode([set()] * 40), emoclf.EMOTIONS.encode([{"joy"}] * 40)
    >>> changes = emoclf.compare(tweets, nothing, everything)
    >>> changes["joy"].before, changes["joy"].after, changes["joy"].verdict
    (0.0, 1.0, 'better')
    >>> changes["fear"].verdict
    'no evidence of change'
    """
    return scores.compare(_labels(tweets), np.asarray(before), np.asarray(after), groups=_twin_groups(tweets))


def doubt(tweets: Sequence[Tweet], *sources: np.ndarray) -> Doubts:
    """Estimate how likely each label of each tweet is wrong.

    With 200 train tweets or more, the doubts are probabilities, learned from how often the sources contradict
    the labels. With fewer they only rank the tweets, and `Doubts.is_probability` is False.

    Parameters
    ----------
    tweets : tweets with the labels to be doubted
    sources : probabilities of shape (n, 11), one array for each classifier or language model; a row of NaN for a
        tweet that a source has not labelled. For tweets that a classifier has learned from, pass its out-of-fold
        predictions

    Returns
    -------
    `Doubts`: `labels` of shape (n, 11) and `tweets` of shape (n,), both in [0, 1].

    Raises
    ------
    ValueError : if no source is passed, one has another shape, or a tweet has no labels

    Examples
    --------
    >>> import emoclf
    >>> right = emoclf.Tweet("1", "what a happy day", frozenset({"joy"}))
    >>> wrong = emoclf.Tweet("2", "I miss my old dog", frozenset({"joy"}))
    >>> probabilities = emoclf.EMOTIONS.encode([{"joy"}, {"sadness"}]) * 0.8 + 0.1
    >>> doubts = emoclf.doubt([right, wrong], probabilities)
    >>> int(doubts.tweets.argmax())  # the row of the tweet to look at first
    1
    """
    labels = _labels(tweets)
    arrays = [np.asarray(source, dtype=float) for source in sources]
    if not arrays or any(array.shape != labels.shape for array in arrays):
        shapes = ", ".join(str(array.shape) for array in arrays) or "none"
        raise ValueError(f"the sources have shapes {shapes}; expected one or more of shape {labels.shape}")
    is_train = np.array([tweet.split == "train" for tweet in tweets], dtype=bool)
    return doubting.doubt(labels, arrays, _twin_groups(tweets), is_train)


def _labels(tweets: Sequence[Tweet]) -> np.ndarray:
    known = [tweet.original for tweet in tweets if tweet.original is not None]
    if len(known) < len(tweets):
        missing = f"{len(tweets) - len(known):,} of {len(tweets):,} tweets"
        raise ValueError(f"{missing} have no labels (`original` is None); leave them out")
    return EMOTIONS.encode(known)


def _twin_groups(tweets: Sequence[Tweet]) -> list[str]:
    return [twin_key(tweet.text) for tweet in tweets]
