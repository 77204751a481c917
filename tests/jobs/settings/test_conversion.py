"""Tests of the settings of jobs: they survive JSON, and every kind of job refuses what is not its own."""

import json
from typing import Any

import pytest

from emoclf.errors import SettingError
from jobs.registry import KINDS
from jobs.settings.conversion import choices, from_json, to_json
from jobs.settings.training import EstimateSettings, PredictSettings, TrainSettings

REQUIRED: dict[str, dict[str, Any]] = {  # what has no default
    "generate": {"emotion": "joy", "count": 5, "rules": ["no hashtags"]},
    "estimate": {"machine": "here", "base": "packaged:x", "batch_size": 32, "max_length": 96, "threads": None},
    "export_run": {"run": 1, "folder": "out"},
    "accept": {"batch": 1, "reviewer": "ana"},
    "undo": {"batch": 1, "reviewer": "ana"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_settings_of_every_kind_survive_json(kind: str) -> None:
    settings = KINDS[kind].read(REQUIRED.get(kind, {}))
    assert KINDS[kind].read(json.loads(json.dumps(to_json(settings)))) == settings


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_ignores_or_refuses_what_only_another_version_knows(kind: str) -> None:
    stored = {**REQUIRED.get(kind, {}), "mood": "calm"}
    if KINDS[kind].ignores_unknown:
        assert KINDS[kind].read(stored) == KINDS[kind].read(REQUIRED.get(kind, {}))
    else:
        with pytest.raises(SettingError, match="there is no setting 'mood'"):
            KINDS[kind].read(stored)


def test_a_training_and_the_one_after_it_survive_json() -> None:
    settings = TrainSettings(epochs=3, views=("light",), then_train=TrainSettings(seed=14, synthetic="accepted"))
    assert from_json(TrainSettings, json.loads(json.dumps(to_json(settings)))) == settings


def test_what_the_program_sets_is_not_stored_with_a_training() -> None:
    assert not {"recipe", "first_stage"} & to_json(TrainSettings()).keys()


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        ({"epochs": True}, "epochs is True, expected a whole number or nothing"),
        ({"epochs": 2.5}, "epochs is 2.5, expected a whole number or nothing"),
        ({"then_predict": 1}, "then_predict is 1, expected true or false"),
        ({"views": ["light", 2]}, "expected a list, each text"),
        ({"synthetic": "some"}, "synthetic is 'some', expected one of none, accepted, all"),
        ({"then_train": 3}, "then_train is 3, expected settings by name or nothing"),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_would_do(stored: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        from_json(TrainSettings, stored)


def test_a_whole_number_is_a_number() -> None:
    assert from_json(TrainSettings, {"clip": 2}).clip == 2


def test_choices_are_in_the_order_in_which_a_page_shows_them() -> None:
    assert choices(TrainSettings, "synthetic") == ("none", "accepted", "all")
    with pytest.raises(KeyError):
        choices(PredictSettings, "run")


def test_an_estimate_that_does_not_state_its_recipe_is_of_the_first() -> None:
    assert from_json(EstimateSettings, REQUIRED["estimate"]).recipe == 1
