"""The ablation: every row can be trained, and its table says what the measurements say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.ablation import ROWS, Data, measure
from benchmarks.ablation_table import claim, table
from emoclf.settings import TrainingSettings
from tests.models import tiny_bert, toy_tweets


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_the_ablation_trains_and_is_scored(name: str, tmp_path: Path) -> None:
    data = toy_tweets(132)
    parts = Data(data.take(np.arange(88)), data.take(np.arange(88, 132)), data.take(np.arange(88, 132)))
    own = replace(ROWS[name], settings={k: v for k, v in ROWS[name].settings.items() if k != "base"})
    settings = replace(TrainingSettings(base=tiny_bert(tmp_path / "tiny"), epochs=1, folds=2), **own.settings)
    found = measure(own, settings, parts)
    assert 0 < found["precision"] <= 1
    assert 0 <= found["dev_macro_f1"] <= 1


def line(row: str, seed: int, precision: float) -> dict[str, object]:
    return {"row": row, "seed": seed, "seconds": 60.0} | dict.fromkeys(
        ("precision", "macro_f1", "dev_precision", "dev_macro_f1"), precision
    )


def test_a_row_is_better_only_beyond_its_noise() -> None:
    lines = [line("recipe", 13, 0.60), line("recipe", 14, 0.61), line("far", 13, 0.70), line("near", 13, 0.605)]
    shown = table(lines, ["recipe", "far", "near", "not yet"])
    assert shown[2].endswith("| kept |")
    assert shown[3].endswith("| +10.00: better |")
    assert shown[4].endswith("| +0.50: within noise |")
    assert len(shown) == 5
    assert claim(lines).value == pytest.approx(8.0)  # sd 0.00707, times 2 and the root of 2: 2 points of 10


def test_one_seed_says_nothing_of_noise_and_so_nothing_is_beyond_it() -> None:
    found = claim([line("recipe", 13, 0.6), line("far", 13, 0.9)])
    assert found.holds
    assert "one seed" in str(found.detail["noise"])
