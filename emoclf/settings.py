"""
Settings: what a person may choose about a training, with units; without the libraries that carry it out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from emoclf.errors import SettingError
from emoclf.uris import DEFAULT_ENCODER

FEWEST_EPOCHS, MOST_EPOCHS = 3, 10
FEWEST_STEPS = 120  # a small data set is read more often, or the head hardly leaves where it started


def epochs_for(tweets: int, batch_size: int = 32) -> int:
    """How often to read so many tweets.

    >>> epochs_for(6838), epochs_for(400)
    (3, 10)
    """
    steps = math.ceil(tweets / batch_size)
    return min(MOST_EPOCHS, max(FEWEST_EPOCHS, math.ceil(FEWEST_STEPS / max(steps, 1))))


@dataclass(frozen=True)
class TrainingSettings:
    """How to train; the defaults suit the packaged encoder on a machine without a GPU."""

    base: str = DEFAULT_ENCODER
    epochs: int | None = None  # None: by the number of tweets, see `epochs_for`
    batch_size: int = 32  # tweets
    learning_rate: float | None = None  # of the encoder; None: by its width, see `learning_rate_for`
    head_multiplier: float = 10.0  # the head's learning rate over the encoder's: the head starts untrained
    warm_up: float = 0.1  # share of all steps
    weight_decay: float = 0.01
    clip: float = 1.0  # the largest norm of a gradient
    max_length: int = 96  # word pieces
    slice_share: float = 0.1  # of the tweets, held out to choose the epoch and the thresholds
    patience: int = 2  # epochs without a better score on the slice before stopping
    seed: int = 13
    threads: int | None = None  # of the processor; None: as torch chooses
    first_stage: Mapping[str, Any] | None = None  # the encoder trained from `base` that training began from, if one did

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "patience"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SettingError(f"{name} is {value}, expected 1 or more")
        if self.learning_rate is not None and self.learning_rate <= 0:
            raise SettingError(f"learning_rate is {self.learning_rate}, expected more than 0, such as 0.0001")
        if not 0 < self.slice_share <= 0.5:
            raise SettingError(f"slice_share is {self.slice_share}, expected more than 0 and at most 0.5")

    def complete(self, tweets: int) -> "TrainingSettings":
        """These settings with the number of epochs filled in for so many tweets."""
        return replace(self, epochs=self.epochs or epochs_for(tweets, self.batch_size))


@dataclass(frozen=True)
class EncoderSettings:
    """How to train an encoder on auxiliary corpora, before a classifier is trained from it."""

    base: str = DEFAULT_ENCODER
    epochs: int = 1
    batch_size: int = 32  # texts
    learning_rate: float | None = None  # of the encoder; None: by its width, see `learning_rate_for`
    head_multiplier: float = 10.0  # the heads' learning rate over the encoder's
    warm_up: float = 0.05  # share of all steps
    weight_decay: float = 0.01
    clip: float = 1.0  # the largest norm of a gradient
    max_length: int = 96  # word pieces
    seed: int = 13  # not the classifier's: all seeds start from one encoder

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name} is {getattr(self, name)}, expected 1 or more")
        if self.learning_rate is not None and self.learning_rate <= 0:
            raise SettingError(f"learning_rate is {self.learning_rate}, expected more than 0, such as 0.0001")
