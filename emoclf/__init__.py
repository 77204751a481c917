"""
The emoclf library: labels, texts, data files, classifiers, metrics and doubt, without Streamlit or SQL.

`import emoclf` loads only this file. Each public name is imported on first use (PEP 562), so torch is loaded only by
programs that train or predict. docs/api.md documents the public names.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emoclf.api.data import clean, read_tweets
    from emoclf.api.evaluation import compare, doubt, score
    from emoclf.api.models import Predictions, TrainedClassifier, predict, train
    from emoclf.backends.settings import TrainingSettings
    from emoclf.errors import EmoclfError
    from emoclf.files.tweet_files import DataFile, Reject
    from emoclf.labels import EMOTIONS, LabelSet
    from emoclf.metrics.scores import Change, EmotionScore, Scores
    from emoclf.progress import Progress
    from emoclf.review.doubt import Doubts
    from emoclf.training.classifier import Classifier
    from emoclf.tweets import Tweet

__version__ = "0.1.0"

__all__ = [
    "EMOTIONS",
    "Change",
    "Classifier",
    "DataFile",
    "Doubts",
    "EmoclfError",
    "EmotionScore",
    "LabelSet",
    "Predictions",
    "Progress",
    "Reject",
    "Scores",
    "TrainedClassifier",
    "TrainingSettings",
    "Tweet",
    "clean",
    "compare",
    "doubt",
    "predict",
    "read_tweets",
    "score",
    "train",
]

# The module that defines each public name. It matches the imports above, which only type checkers and editors read.
_MODULES = {
    "emoclf.api.data": ("clean", "read_tweets"),
    "emoclf.api.evaluation": ("compare", "doubt", "score"),
    "emoclf.api.models": ("Predictions", "TrainedClassifier", "predict", "train"),
    "emoclf.backends.settings": ("TrainingSettings",),
    "emoclf.errors": ("EmoclfError",),
    "emoclf.files.tweet_files": ("DataFile", "Reject"),
    "emoclf.labels": ("EMOTIONS", "LabelSet"),
    "emoclf.metrics.scores": ("Change", "EmotionScore", "Scores"),
    "emoclf.progress": ("Progress",),
    "emoclf.review.doubt": ("Doubts",),
    "emoclf.training.classifier": ("Classifier",),
    "emoclf.tweets": ("Tweet",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module 'emoclf' has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_MODULE_OF[name]), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
