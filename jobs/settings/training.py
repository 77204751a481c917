"""
The settings of the jobs of training: train, predict, and estimate; `pretrain` has those of `EncoderSettings`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from db.synthetic import USES
from emoclf.backends.settings import RECIPE, TrainingSettings
from emoclf.errors import SettingError
from jobs.settings.conversion import one_of

LABELS = {  # the labels to train on, in words
    "approved": "the decision where there is one, else the original labels",
    "original": "the original labels of all tweets, for comparison",
    "reviewed": "only decided tweets, including those accepted in bulk",
}
FIRST_STAGE = ("auto", "none")  # auto: on the auxiliary corpora, if there are any


@dataclass(frozen=True)
class ExtraTweets:
    """Training examples in addition to the real train tweets."""

    synthetic: str = field(default="none", metadata=one_of(USES))  # the synthetic tweets, see `db.synthetic.trainable`
    repeated: int = 0  # number of random real train tweets to repeat: adds steps but no information


@dataclass(frozen=True)
class TrainSettings(ExtraTweets, TrainingSettings):
    """A training, and what follows it."""

    labels: str = field(default="approved", metadata=one_of(LABELS))  # dev always has its original labels
    name: str | None = None  # of the run; None: by base model and labels
    auxiliary: str | None = field(default=None, metadata=one_of(FIRST_STAGE))  # None: auto for the default base model
    then_predict: bool = False  # predict all tweets afterwards, unless the run is degenerate
    then_train: "TrainSettings | None" = None  # the training to start afterwards
    first_stage: Mapping[str, Any] | None = field(default=None, init=False)
    recipe: int = field(default=RECIPE, init=False)

    @property
    def training(self) -> TrainingSettings:
        """The settings that are recorded with the run."""
        return TrainingSettings(**{one.name: getattr(self, one.name) for one in fields(TrainingSettings)})

    @property
    def extra(self) -> ExtraTweets:
        """The examples in addition to the real train tweets."""
        return ExtraTweets(self.synthetic, self.repeated)

    @property
    def wants_first_stage(self) -> bool:
        """Whether to start from an encoder trained on the auxiliary corpora, if there are any."""
        return self.auxiliary == "auto" or (self.auxiliary is None and self.has_first_stage)


def in_sequence(training: TrainSettings, arms: Sequence[ExtraTweets], seeds: int = 1) -> TrainSettings:
    """The settings of one training per arm and seed; each contains those of the training after it.

    The seeds are consecutive. All tweets are predicted only after the last training.
    """
    trainings = [
        replace(training, synthetic=arm.synthetic, repeated=arm.repeated, seed=training.seed + n)
        for n in range(seeds)
        for arm in arms
    ]
    first = trainings.pop()
    while trainings:
        first = replace(trainings.pop(), then_predict=False, then_train=first)
    return first


@dataclass(frozen=True)
class PredictSettings:
    """A prediction of all tweets."""

    run: int | None = None  # None: the active model
    out_of_fold: int | None = None  # number of models to train, each for the tweets held out from it; None: no training

    def __post_init__(self) -> None:
        if self.out_of_fold is not None and self.out_of_fold < 2:
            raise SettingError(f"out-of-fold predictions need at least 2 folds, not {self.out_of_fold}")


@dataclass(frozen=True)
class EstimateSettings:
    """A measurement of the seconds per training step: the machine, and the settings that affect them."""

    machine: str
    base: str
    batch_size: int
    max_length: int
    threads: int | None
    recipe: int = 1  # as in the records of the first versions, which did not state it

    @classmethod
    def of(cls, machine: str, training: TrainingSettings) -> "EstimateSettings":
        """The measurement for a training on this machine."""
        return cls(machine, training.base, training.batch_size, training.max_length, training.threads, training.recipe)

    @property
    def training(self) -> TrainingSettings:
        """The training to measure."""
        return TrainingSettings(
            base=self.base, batch_size=self.batch_size, max_length=self.max_length, threads=self.threads
        )
