"""
Assembles the data of a training run (tweets, labels, synthetic and repeated tweets), and converts scores to JSON.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from db.store import Store
from db.synthetic import trainable
from db.tweets import held_out_groups, scored_tweets, training_tweets
from db.values import Labelled
from emoclf.errors import SettingError, TooLittleDataError
from emoclf.labels import EMOTIONS
from emoclf.metrics.scores import Scores
from emoclf.tweets import LabelledTexts
from jobs.settings.training import LABELS, ExtraTweets

# The roles of the tweets that a run was trained on; earlier versions held out a slice to choose epoch and thresholds.
TRAINING_ROLES = ("train", "slice")
NO_EXTRA = ExtraTweets()
NOTHING = {
    "approved": "no train tweets with labels",
    "original": "no train tweets with original labels",
    "reviewed": "no reviewed train tweets",
}


@dataclass(frozen=True)
class Data:
    """The data of a run: the training tweets and the dev tweets for scoring."""

    train: list[Labelled]
    dev: list[Labelled]
    extra: Sequence[Labelled] = ()  # synthetic or repeated tweets: used for training, never in a validation fold

    @property
    def synthetic(self) -> list[Labelled]:
        """The synthetic tweets among the extra examples."""
        return [tweet for tweet in self.extra if tweet.label_origin == "synthetic"]

    @property
    def hash(self) -> str:
        """A hash of the data, equal for the same tweets with the same labels."""
        digest = hashlib.sha256()
        for tweet in [*self.train, *self.dev]:
            digest.update(f"{tweet.key}\t{tweet.split}\t{EMOTIONS.to_mask(tweet.labels)}\n".encode())
        for tweet in self.extra:  # includes the text, which may be edited
            digest.update(f"{tweet.text}\t{EMOTIONS.to_mask(tweet.labels)}\n".encode())
        return digest.hexdigest()[:16]


def read_data(store: Store, labels: str, extra: ExtraTweets = NO_EXTRA, seed: int = 0) -> Data:
    """The train tweets with the chosen labels, without twins of held-out tweets, and dev with its original labels.

    A dev tweet that came without labels has those of its decision. Tweets without any labels are left out.

    `seed` selects the repeated tweets, if `extra` asks for some.
    """
    if labels not in LABELS:
        raise SettingError(f"labels {labels!r} is not one of {', '.join(LABELS)}")
    with store.reading() as session:
        train = training_tweets(session, labels)
        dev = scored_tweets(session, "dev")
        written = _synthetic(session, extra.synthetic)
    if not train:
        raise TooLittleDataError(f"there are {NOTHING[labels]} in the store; import or review some first")
    again = np.random.default_rng(seed).choice(len(train), extra.repeated)
    return Data(train, dev, [*written, *(train[row] for row in again)])


def count_synthetic(store: Store, use: str) -> int:
    """Count the synthetic tweets a training would use, see `ExtraTweets.synthetic`."""
    with store.reading() as session:
        return len(_synthetic(session, use))


def _synthetic(session: Session, use: str) -> list[Labelled]:
    """The synthetic tweets of a training; an edit may have made one the twin of a held-out tweet."""
    held_out = held_out_groups(session)
    return [tweet for tweet in trainable(session, use) if tweet.twin_group not in held_out]


def as_texts(tweets: Sequence[Labelled]) -> LabelledTexts:
    """Convert tweets to the input of `emoclf`."""
    texts, groups = [tweet.text for tweet in tweets], [tweet.twin_group for tweet in tweets]
    return LabelledTexts(texts, EMOTIONS.encode([tweet.labels for tweet in tweets]), groups)


def summary(scores: Scores | None) -> dict[str, Any]:
    """Scores as JSON, with the names used on the command line; without figures if there are none."""
    if scores is None:
        figures = ("macro_f1", "macro_f1_low", "macro_f1_high", "micro_f1", "jaccard", "accuracy")
        return {"n": 0, **dict.fromkeys(figures), "macro_over": [], "per_emotion": {}}
    each = {name: asdict(one) for name, one in scores.per_emotion.items()}
    return {**vars(scores), "macro_over": list(scores.macro_over), "per_emotion": each}
