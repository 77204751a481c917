"""Tests of warnings on runs: stopped early or degenerate is shown everywhere, and such runs are not used unasked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import cli
from db import summaries
from db.predictions import add_predictions, best_predictions
from db.runs import get_run
from db.store import Store
from emoclf.backends.settings import RECIPE, TrainingSettings
from emoclf.errors import NotFoundError, SettingError
from emoclf.export.model_card import model_card
from emoclf.labels import EMOTIONS
from emoclf.metrics.run_warnings import degenerate, early_stop
from emoclf.metrics.scores import score
from emoclf.metrics.tradeoff import THRESHOLDS, tradeoff
from jobs import runner
from jobs.files.export_run import _facts
from jobs.training import estimate, run_management, run_warnings
from jobs.training.data import summary
from tests.support.command_line import answer
from tests.support.pages import press, words
from tests.support.runs import add_run, add_run_with_predictions, originals, probabilities
from ui import charts
from ui.runs import run_list

MIDDLE = [0.5] * len(EMOTIONS)
STOPPED = {
    "settings": {"epochs": 2, "folds": 3},
    "history": [{"fold": 1, "epoch": 2, "loss": 0.4}, {"fold": 2, "epoch": 1, "loss": 0.5}],
}


def figures(change: Callable[[np.ndarray, np.ndarray], None] = lambda targets, predicted: None) -> dict[str, Any]:
    """The recorded figures of a run that errs on one cell in ten; `change` makes its predictions worse."""
    chance = np.random.default_rng(0)
    targets = (chance.random((200, len(EMOTIONS))) < 0.25).astype(np.int8)
    predicted = np.where(chance.random(targets.shape) < 0.1, 1 - targets, targets)
    change(targets, predicted)
    return summary(score(targets, predicted))


def everything(targets: np.ndarray, predicted: np.ndarray) -> None:
    predicted[:] = 1


def no_trust(targets: np.ndarray, predicted: np.ndarray) -> None:
    predicted[:, EMOTIONS.names.index("trust")] = 0


DEGENERATE = figures(everything)


def test_a_normal_run_is_not_degenerate_and_each_fault_is_named_with_its_emotions() -> None:
    assert degenerate(figures(), MIDDLE) == []
    assert degenerate(figures(no_trust), MIDDLE) == ["It finds none of the dev tweets that carry trust."]
    always, baseline = degenerate(DEGENERATE, MIDDLE)
    assert always.startswith("It predicts anger, anticipation,")
    assert "is no better than predicting every emotion for every tweet" in baseline
    ends = [0.05 if name == "joy" else 0.95 if name == "love" else 0.4 for name in EMOTIONS.names]
    assert degenerate({}, ends) == [
        "The threshold of joy and love lies at the end of the range that is tried (0.05 to 0.95)."
    ]


def test_figures_of_earlier_versions_are_checked_too() -> None:
    for made in (no_trust, everything):
        old = figures(made)
        old["per_emotion"] = {
            name: {k: v for k, v in one.items() if k != "predicted"} for name, one in old["per_emotion"].items()
        }
        assert degenerate(old, MIDDLE) == degenerate(figures(made), MIDDLE)


def test_an_early_stop_is_recognised_by_the_recorded_epochs() -> None:
    whole = [{"fold": fold, "epoch": 2} for fold in (1, 2, 3, 0)]
    assert early_stop({"epochs": 2, "folds": 3}, whole) is None
    late = early_stop({"epochs": 2, "folds": 3}, [*whole[:3], {"fold": 0, "epoch": 1}])
    assert late is not None
    assert "trained on all tweets, after epoch 1 of 2" in late.words
    assert early_stop({"epochs": 4}, [{"epoch": 2, "loss": 0.1}]) is None  # of a version without folds


def test_a_run_that_was_stopped_early_says_so_wherever_it_appears(
    filled: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run_id = add_run_with_predictions(filled, originals(1, 2, 3), **STOPPED)
    with filled.reading() as session:
        run = get_run(session, run_id)
        card = model_card(_facts(session, run))
    sentence = "the model is that of fold 2 of 3, after epoch 1 of 2"
    assert sentence in card
    assert "stopped early" in run_list.row(run)["state"]
    assert run_warnings.named(run).endswith("stopped early")
    assert "stopped early" in answer(capsys, "runs")["runs"][0]["state"]
    shown = answer(capsys, "runs", "show", str(run_id))
    assert shown["stopped_early"] == {"fold": 2, "folds": 3, "epoch": 1, "epochs": 2}
    assert sentence in shown["words"][0]


def test_the_page_says_that_a_run_was_stopped_early(retrain: Callable[[], AppTest], filled: Store) -> None:
    predictions = [(4, probabilities(joy=0.6))]
    add_run_with_predictions(filled, originals(1), predictions)
    add_run_with_predictions(filled, originals(1), predictions, name="short", **STOPPED)
    page = retrain()
    assert "Run 2. Stopped early: the model is that of fold 2 of 3" in words(page)
    assert any("run 2 · short · stopped early" in box.options for box in page.selectbox)


def test_a_run_that_was_stopped_early_never_feeds_an_estimate(toys: Store, tmp_path: Path) -> None:
    (tmp_path / "runs" / "here").mkdir(parents=True)
    used = {"base": "packaged:x", "epochs": 2, "folds": 3, "batch_size": 10, "max_length": 96, "recipe": RECIPE}
    training_labels = {i: frozenset({"joy"}) for i in range(1, 101)}
    add_run_with_predictions(
        toys,
        training_labels,
        folder="here",
        code_version="0.1.0 a",
        seconds=9.0,
        settings=used,
        history=STOPPED["history"],
    )
    wanted = TrainingSettings(base="packaged:x", epochs=2, batch_size=10)
    assert estimate.prospect(toys, wanted, "approved").seconds is None


def test_extra_training_tweets_count_in_the_steps_of_a_run(toys: Store, tmp_path: Path) -> None:
    (tmp_path / "runs" / "here").mkdir(parents=True)
    used: dict[str, Any] = {"base": "packaged:x", "epochs": 1, "batch_size": 10, "max_length": 96, "recipe": RECIPE}
    used["synthetic"] = {"use": "accepted", "tweets": 50, "repeated": 50}
    training_labels = {i: frozenset({"joy"}) for i in range(1, 101)}
    steps = TrainingSettings(epochs=1, batch_size=10).steps(200)
    add_run_with_predictions(
        toys, training_labels, folder="here", code_version="0.1.0 a", seconds=10.0 * steps, settings=used
    )
    found = estimate.prospect(toys, TrainingSettings(base="packaged:x", epochs=1, batch_size=10), "approved")
    assert found.seconds == 10 * found.steps


def test_a_degenerate_run_predicts_only_once_somebody_has_confirmed_it(filled: Store) -> None:
    with pytest.raises(NotFoundError, match="there is no run yet"), filled.reading() as session:
        get_run(session)
    sound = add_run(filled, metrics=figures())
    bad = add_run(filled, metrics=DEGENERATE)
    with filled.writing() as session:
        for run_id, name in ((sound, "joy"), (bad, "fear")):
            add_predictions(session, run_id, [(1, MIDDLE, frozenset({name}))], out_of_fold=True)
    with filled.reading() as session:
        assert get_run(session).id == sound
        assert best_predictions(session, [1])[1].labels == {"joy"}
    with pytest.raises(SettingError, match=r"It predicts anger.*--confirm"):
        run_management.promote(filled, bad)
    assert run_management.promote(filled, bad, confirmed=True).promoted
    with filled.reading() as session:
        assert get_run(session).id == bad
        assert best_predictions(session, [1])[1].labels == {"fear"}


def test_the_overview_does_not_count_what_a_degenerate_run_predicts_until_it_is_promoted(filled: Store) -> None:
    bad = add_run(filled, metrics=DEGENERATE)
    with filled.writing() as session:
        add_predictions(session, bad, [(i, MIDDLE, frozenset({"fear"})) for i in (1, 2, 3)], out_of_fold=True)
    with filled.reading() as session:
        assert summaries.counts(session, "train").predicted == 0
    run_management.promote(filled, bad, confirmed=True)
    with filled.reading() as session:
        assert summaries.counts(session, "train").predicted == 3


def test_where_all_runs_are_degenerate_the_sentence_says_how_to_confirm(
    filled: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = add_run(filled, metrics=DEGENERATE)
    assert cli.main(["predict"]) == 2
    assert f"cli.py runs promote {run_id} --confirm" in capsys.readouterr().err
    assert cli.main(["runs", "promote", str(run_id)]) == 2
    assert "no better than predicting every emotion for every tweet" in capsys.readouterr().err
    assert "degenerate, not in use" in answer(capsys, "runs")["runs"][0]["state"]
    assert "Degenerate: It predicts anger" in answer(capsys, "runs", "show", str(run_id))["words"][0]
    assert answer(capsys, "runs", "promote", str(run_id), "--confirm")["state"] == "promoted"


def test_a_degenerate_run_can_be_deleted_where_no_other_predicts(filled: Store) -> None:
    assert run_management.delete_files(filled, add_run(filled, metrics=DEGENERATE))["freed_bytes"] == 10


def test_on_the_page_a_degenerate_run_warns_and_is_promoted_behind_a_confirmation(
    retrain: Callable[[], AppTest], filled: Store
) -> None:
    add_run(filled, metrics=DEGENERATE)
    with filled.writing() as session:
        add_predictions(session, 1, [(4, MIDDLE, frozenset({"joy"}))], out_of_fold=True)
    page = retrain()
    assert any("Run 1 is degenerate. It predicts anger" in one.value for one in page.warning)
    page = press(page, "Promote it anyway")
    with filled.reading() as session:
        assert get_run(session).promoted


def test_a_training_that_comes_out_degenerate_queues_no_prediction_and_answers_with_the_reason(
    toys: Store, settings: TrainingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emoclf.training.classifier import Classifier

    monkeypatch.setattr(Classifier, "labels", lambda self, p: np.ones(p.shape, dtype=np.int8))
    job = {"base": settings.base, "epochs": 1, "folds": 2, "max_length": 16, "then_predict": True}
    result = runner.execute(toys, runner.queue_job(toys, "train", job))
    assert "next_job" not in result
    assert any(one.startswith("Degenerate: It predicts anger") for one in result["words"])
    assert result["stopped_early"] is None


def test_the_table_has_a_baseline_column_and_names_what_macro_f1_averages(
    retrain: Callable[[], AppTest], filled: Store
) -> None:
    add_run_with_predictions(filled, originals(1), [(4, probabilities(sadness=0.9))])
    page = retrain()
    table = page.table[0].value
    rows = {row["emotion"]: row for _, row in table.iterrows()}
    assert rows["sadness"]["baseline F1"] == "100.0"  # the only dev tweet carries it
    assert rows["trust"]["F1"] == "–"
    assert rows["macro"]["F1"].startswith("100.0 (")
    assert "Macro-F1 over 1 emotion; anger, anticipation," in words(page)
    assert "Under 30 positive tweets, so the figures are uncertain: sadness (1)." in words(page)


def test_the_threshold_plot_ends_where_nothing_is_predicted_and_draws_recall_from_0() -> None:
    curve = tradeoff(np.array([1, 0, 1]), np.array([0.6, 0.3, 0.2]))
    figure = charts.tradeoff(curve, 0.4, 0.5)
    for line in figure.data:
        assert max(line.x) == pytest.approx(0.6)
        assert not np.isnan(line.y).any()
    assert np.isnan(curve.precision[THRESHOLDS > 0.61]).all()
    assert figure.layout.yaxis.range[0] == 0
    assert "nothing is predicted" in [note.text for note in figure.layout.annotations]


def test_the_whiskers_of_the_comparison_say_what_they_are() -> None:
    from emoclf.metrics.scores import compare

    targets = np.eye(len(EMOTIONS), dtype=int).repeat(3, axis=0)
    figure = charts.before_after(compare(targets, targets, targets), ("run 1", "run 2"))
    assert "whiskers: 95 % interval of the difference" in [note.text for note in figure.layout.annotations]


def test_seeds_on_the_form_queue_a_chain_of_trainings(
    retrain: Callable[[], AppTest], toys: Store, started: list[tuple[str, dict[str, Any]]]
) -> None:
    page = retrain()
    next(box for box in page.number_input if box.label == "Seeds").set_value(2).run()
    press(page, "Train")
    kind, job = started[-1]
    assert (kind, job["seed"], job["then_predict"], job["then_train"]["seed"]) == ("train", 13, False, 14)
    assert job["then_train"]["then_predict"]
