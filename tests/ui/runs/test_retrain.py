"""Tests of the Retrain page without a browser: settings with their cost, training progress, and inspection of runs."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.jobs import add_job, claim_job, early_stop_requested, end_job, get_job, list_jobs, report_progress
from db.runs import get_run, list_runs
from db.store import Store
from emoclf.backends.settings import RECIPE, EncoderSettings, TrainingSettings
from emoclf.labels import EMOTIONS
from emoclf.progress import Progress, drain
from emoclf.training.encoder_records import RECORD
from jobs.files.corpora import import_corpus
from jobs.paths import encoder_folder
from jobs.review import review_card
from jobs.review.review_messages import ReviewCardData
from jobs.settings.conversion import from_json
from jobs.settings.training import TrainSettings
from jobs.training import estimate
from tests.support.decisions import decide
from tests.support.models import tiny_bert
from tests.support.pages import Started, press, words
from tests.support.runs import add_run_with_predictions, originals, probabilities


@pytest.fixture
def two_runs(filled: Store) -> Store:
    """Two runs that spoke on dev and on train tweets; between them ana took joy from a tweet."""
    predictions = [(i, probabilities(joy=0.6)) for i in (1, 2, 4)]
    add_run_with_predictions(filled, originals(1, 2, 3), predictions, name="as it came")
    review_card.save_events(filled, "ana", [decide("e1", 2, "fear")])
    later = [(i, probabilities(joy=0.2, sadness=0.8)) for i in (1, 2, 4)]
    add_run_with_predictions(filled, originals(1, 3) | {2: frozenset({"fear"})}, later, name="after review")
    return filled


def choose_view(page: AppTest, chart: str) -> AppTest:
    """Choose another view of the closer look."""
    return next(group for group in page.button_group if group.label == "View of the run").set_value(chart).run()


def test_too_little_data_is_reported_before_training(retrain: Callable[[], AppTest], filled: Store) -> None:
    page = retrain()
    assert page.warning[0].value == "3 training tweets, but at least 50 are needed; import or review more."
    assert next(button for button in page.button if button.label == "Train").disabled


def test_the_training_time_is_measured_by_a_job_before_the_first_run(
    retrain: Callable[[], AppTest], toys: Store, started: Started
) -> None:
    retrain()
    assert [kind for kind, _ in started] == ["estimate"]
    with toys.writing() as session:
        [job] = list_jobs(session)
        end_job(session, job, "done", "done", {"seconds_per_step": 3.0, "steps": 12})
    page = retrain()
    assert "measured on 12 steps of 3.00 s on this machine" in words(page)
    assert len(started) == 1


def test_a_typed_base_model_is_checked_only_when_the_button_asks_for_it(
    retrain: Callable[[], AppTest], toys: Store, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, typed = retrain(), "hf:someone/some-bert"
    with toys.writing() as session:
        end_job(session, list_jobs(session)[0], "failed", "stopped")
    before = len(started)
    monkeypatch.setattr("emoclf.hub.uris.locate", lambda uri: pytest.fail(f"{uri} is located"))
    for base in (typed[:10], "dir:/", typed):
        page = next(field for field in page.text_input if field.key == "train-base").set_value(base).run()
        assert len(started) == before, base
    press(page, "Check the base model")
    assert [(kind, settings["base"]) for kind, settings in started[before:]] == [("estimate", typed)]


def test_an_app_that_serves_others_trains_from_no_folder_that_its_owner_has_not_allowed(
    retrain: Callable[[], AppTest], toys: Store, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = retrain()
    before = len(started)
    monkeypatch.setattr("ui.owner._is_shared", lambda: True)
    next(field for field in page.text_input if field.key == "train-base").set_value("dir:/home/someone").run()
    page = press(page, "Train")
    assert len(started) == before
    assert "models in /home/someone may not be loaded from the pages of this app; ask its owner" in words(page)


def test_train_starts_a_job_with_what_was_chosen(retrain: Callable[[], AppTest], toys: Store, started: Started) -> None:
    page = retrain()
    page.number_input[0].set_value(2).run()
    press(page, "Train")
    kind, settings = started[-1]
    assert (kind, from_json(TrainSettings, settings)) == ("train", TrainSettings(epochs=2, then_predict=True))


def test_the_training_time_is_estimated_from_earlier_runs_scaled_by_steps(toys: Store, tmp_path: Path) -> None:
    settings = TrainingSettings(base="packaged:x", epochs=2, batch_size=10)
    training_labels = {i: frozenset({"joy"}) for i in range(1, 101)}
    (tmp_path / "runs" / "here").mkdir(parents=True)
    used = {"base": "packaged:x", "epochs": 1, "batch_size": 10, "max_length": 96, "recipe": RECIPE}
    seconds = 310.0  # 3 folds of 7 steps, then 10: 10 s each
    add_run_with_predictions(
        toys, training_labels, folder="here", code_version="0.1.0 abc", seconds=seconds, settings=used
    )
    add_run_with_predictions(
        toys, training_labels, folder="here", code_version="0.1.0 abc", seconds=9.0, settings={**used, "recipe": 1}
    )
    found = estimate.prospect(toys, settings, "approved")
    assert (found.tweets, found.steps, found.seconds) == (109, 70, 700.0)
    assert "estimated from run 1, which took 5.2 minutes here for 31 steps" in found.source
    elsewhere = TrainingSettings(base="packaged:y", epochs=2, batch_size=10)
    assert estimate.prospect(toys, elsewhere, "approved").seconds is None


def test_a_first_stage_that_is_still_to_be_made_counts_in_the_estimate(toys: Store, tmp_path: Path) -> None:
    file = tmp_path / "moods.tsv"
    file.write_text(
        "".join(f"what a day, number {n}\t{'calm' if n % 2 else 'wild'}\n" for n in range(70)), encoding="utf-8"
    )
    import_corpus(toys, file, "moods", ["calm", "wild"])
    plain = TrainingSettings()
    (tmp_path / "runs" / "here").mkdir(parents=True)
    used, training_labels = replace(plain, epochs=1), {i: frozenset({"joy"}) for i in range(1, 101)}
    seconds = 10.0 * used.steps(len(training_labels))
    add_run_with_predictions(
        toys, training_labels, folder="here", code_version="0.1.0 abc", seconds=seconds, settings=asdict(used)
    )
    found = estimate.prospect(toys, plain, "approved")
    assert found.first_stage_steps == 2 * 3  # epochs, batches
    assert found.seconds == 10 * (found.steps + 6 / 2)  # a step of the first stage reads one view, the others two
    assert estimate.prospect(toys, replace(plain, base="dir:/elsewhere"), "approved").first_stage_steps == 0
    folder = encoder_folder(toys, "abc")
    folder.mkdir(parents=True)
    (folder / "model.safetensors").touch()
    record = {"corpora": [{"name": "moods"}], "settings": asdict(EncoderSettings())}
    (folder / RECORD).write_text(json.dumps(record), encoding="utf-8")
    assert estimate.prospect(toys, plain, "approved").first_stage_steps == 0


@pytest.mark.training
def test_a_measurement_is_a_few_batches_of_the_training_itself(toys: Store, tmp_path: Path) -> None:
    settings = TrainingSettings(base=tiny_bert(tmp_path / "base"), batch_size=2, epochs=2)
    measured = drain(estimate.measure(toys, settings))
    assert measured["seconds_per_step"] > 0
    assert estimate.FEWEST_STEPS <= measured["steps"] < settings.steps(109)
    with toys.reading() as session:
        assert list_runs(session) == []


def test_a_training_can_be_stopped_early_once_an_epoch_is_finished(
    retrain: Callable[[], AppTest], toys: Store, started: Started
) -> None:
    with toys.writing() as session:
        job_id = add_job(session, "train", {})
        claim_job(session, job_id, 1, 1.0)
        job = get_job(session, job_id)
    label = "Stop early, keep the best model"
    assert next(button for button in retrain().button if button.label == label).disabled
    with toys.writing() as session:
        history = [{"epoch": 1, "loss": 0.7, "macro_f1": 0.3, "fold": fold} for fold in (1, 2)]
        report_progress(session, job, Progress(1, 2, "epoch 1", {"history": history}))
    page = press(retrain(), label).run()
    assert "Stopping early; the best model is kept" in [button.label for button in page.button]
    with toys.reading() as session:
        assert early_stop_requested(session, job_id)


def test_every_view_of_two_runs_is_drawn(retrain: Callable[[], AppTest], two_runs: Store) -> None:
    page = retrain()
    for chart in ("Thresholds", "Calibration", "Confusions", "Changed most", "Where labels came from", "Curves"):
        page = choose_view(page, chart)
        assert not page.exception, chart
        assert not page.error, chart


def test_moving_the_threshold_changes_the_figures(retrain: Callable[[], AppTest], two_runs: Store) -> None:
    page = choose_view(retrain(), "Thresholds")
    next(box for box in page.selectbox if box.key == "threshold-emotion").set_value("sadness").run()
    assert [metric.value for metric in page.metric] == ["100.0", "100.0", "100.0", "1"]
    page.slider[0].set_value(0.9).run()
    assert [metric.value for metric in page.metric] == ["–", "0.0", "0.0", "0"]


def test_tweets_that_changed_most_link_to_their_card(retrain: Callable[[], AppTest], two_runs: Store) -> None:
    page = choose_view(retrain(), "Changed most")
    table = page.dataframe[0].value
    assert list(table["review"]) == [f"review?tweet={key}" for key in ("d1", "t1", "t2")]
    assert set(table["emotion"]) == {"sadness"}


def test_a_cell_links_to_the_reviewers_who_changed_its_labels(retrain: Callable[[], AppTest], two_runs: Store) -> None:
    page = choose_view(retrain(), "Where labels came from")
    next(box for box in page.selectbox if box.key == "lineage-emotion").set_value("joy").run()
    assert "1 of 1 changed labels of joy: decided by ana." in words(page)
    assert list(page.dataframe[0].value["review"]) == ["review?tweet=t2"]


def test_if_dev_was_reviewed_the_page_separates_the_effect_of_the_labels(
    retrain: Callable[[], AppTest], two_runs: Store
) -> None:
    review_card.save_events(two_runs, "ana", [decide("e2", 4, "joy")])
    page = retrain()
    next(group for group in page.button_group if group.label == "Dev labels").set_value("side by side").run()
    table = page.table[0].value
    assert {"original", "approved", "due to labels", "due to the run (95 %)"} <= set(table.columns)
    assert len(table) == len(EMOTIONS) + 1
    assert "from replacing the original dev labels" in words(page)


def test_a_run_is_renamed_promoted_and_listed_so(retrain: Callable[[], AppTest], two_runs: Store) -> None:
    page = retrain()
    next(field for field in page.text_input if field.label == "Name").set_value("the best").run()
    page = press(page, "Rename")
    page = press(page, "Promote")
    assert "Run 2 is promoted" in words(page)
    with two_runs.reading() as session:
        run = get_run(session)
    assert (run.id, run.name, run.promoted) == (2, "the best", True)


def test_a_link_opens_the_review_on_its_tweet(app: AppTest, filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[ReviewCardData] = []
    monkeypatch.setattr("ui.cards.review_card.review_card", lambda data, **more: shown.append(data))
    app.query_params["tweet"] = "d1"
    app.switch_page("pages/review.py").run()
    assert not app.exception
    assert [card.id for card in shown[-1].tweets] == [4]
    app.query_params["tweet"] = "nobody"
    app.run()
    assert "that is not in this store" in words(app)
