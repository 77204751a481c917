"""
The training settings, with units and defaults; importing them loads neither torch nor TensorFlow.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from emoclf.errors import SettingError
from emoclf.hub.uris import DEFAULT_ENCODER
from emoclf.text.cleaning import TEXT_VARIANTS

MIN_EPOCHS, MAX_EPOCHS = 3, 10
RECIPE = 2  # raised when the same settings train differently; 1 read one text variant per step
MIN_STEPS = 120  # small data sets get more epochs, or the head would stay almost untrained


def epochs_for(tweets: int, batch_size: int = 32) -> int:
    """Return the number of epochs for so many tweets.

    >>> epochs_for(6838), epochs_for(400)
    (3, 10)
    """
    steps = math.ceil(tweets / batch_size)
    return min(MAX_EPOCHS, max(MIN_EPOCHS, math.ceil(MIN_STEPS / max(steps, 1))))


@dataclass(frozen=True)
class FitSettings:
    """The settings of every training."""

    base: str = DEFAULT_ENCODER
    batch_size: int = 32  # texts
    learning_rate: float | None = None  # of the encoder; None: by its width, see `learning_rate_for`
    head_multiplier: float = 10.0  # the head's learning rate relative to the encoder's: the head starts untrained
    warm_up: float = 0.1  # share of all steps
    weight_decay: float = 0.01
    clip: float = 1.0  # the largest norm of a gradient
    max_length: int = 96  # word pieces
    views: tuple[str, ...] = (
        "light",
        "cleaned",
    )  # text variants to learn from, see `emoclf.text.cleaning.TEXT_VARIANTS`; predictions use the first
    seed: int = 13
    threads: int | None = None  # of the processor; None: chosen by torch

    def __post_init__(self) -> None:
        object.__setattr__(self, "views", tuple(self.views))  # JSON has only lists
        if not self.views or set(self.views) - TEXT_VARIANTS.keys():
            raise SettingError(
                f"views is {', '.join(self.views) or 'empty'}, expected some of {', '.join(TEXT_VARIANTS)}"
            )
        if self.batch_size < 1:
            raise SettingError(f"batch_size is {self.batch_size}, expected 1 or more")
        if self.learning_rate is not None and self.learning_rate <= 0:
            raise SettingError(f"learning_rate is {self.learning_rate}, expected more than 0, such as 0.0001")


@dataclass(frozen=True)
class TrainingSettings(FitSettings):
    """How to train a classifier; the defaults suit the packaged encoder on a machine without a GPU."""

    epochs: int | None = None  # None: by the number of tweets, see `epochs_for`
    folds: int = 3  # of the cross-validation, for out-of-fold predictions of every tweet
    first_stage: Mapping[str, Any] | None = None  # the first-stage encoder that training starts from; None: `base`
    recipe: int = RECIPE  # the version of the training method; recorded, not chosen by the user

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.epochs is not None and self.epochs < 1:
            raise SettingError(f"epochs is {self.epochs}, expected 1 or more")
        if self.folds < 2:
            raise SettingError(f"folds is {self.folds}, expected 2 or more")

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "TrainingSettings":
        """Return the settings from a run's record; fields that this version does not know are ignored.

        >>> TrainingSettings.from_record({"epochs": 4, "patience": 2}).views  # earlier versions read only this variant
        ('cleaned',)
        """
        known = {field.name for field in fields(cls)}
        earliest = {"views": ("cleaned",), "recipe": 1}
        return cls(**{**earliest, **{name: value for name, value in record.items() if name in known}})

    @property
    def has_first_stage(self) -> bool:
        """Whether training starts from an encoder trained on auxiliary corpora, if there are any.

        An explicitly chosen base is used as it is.
        """
        return self.base == FitSettings.base

    def complete(self, tweets: int) -> "TrainingSettings":
        """Return these settings with the number of epochs for so many tweets."""
        return replace(self, epochs=self.epochs or epochs_for(tweets, self.batch_size))

    def fold_steps(self, tweets: int) -> int:
        """Return about how many batches one fold takes, in a training on so many tweets."""
        epochs = self.complete(tweets).epochs or 1
        return epochs * math.ceil(tweets * (1 - 1 / self.folds) / self.batch_size)

    def steps(self, tweets: int) -> int:
        """Return about how many batches a whole training takes: the model of each fold, then the classifier itself.

        >>> TrainingSettings(epochs=3, folds=4).steps(3200)
        1200
        """
        epochs = self.complete(tweets).epochs or 1
        return self.folds * self.fold_steps(tweets) + epochs * math.ceil(tweets / self.batch_size)


@dataclass(frozen=True)
class EncoderSettings(FitSettings):
    """How to train an encoder on auxiliary corpora, before a classifier is trained from it."""

    epochs: int = 2
    warm_up: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.epochs < 1:
            raise SettingError(f"epochs is {self.epochs}, expected 1 or more")
