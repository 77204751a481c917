"""Fixtures for tests of training jobs."""

import pytest

from emoclf.backends.settings import TrainingSettings
from tests.support.models import tiny_bert


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> TrainingSettings:
    """Settings of a training that takes a second."""
    base = tiny_bert(tmp_path_factory.mktemp("base"))
    return TrainingSettings(base=base, epochs=1, folds=3, learning_rate=4e-3, head_multiplier=2.0, max_length=32)
