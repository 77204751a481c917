"""Tests of run management: the active model, what can be deleted, and what is kept."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from db.jobs import request_cancel
from db.predictions import add_predictions, best_predictions
from db.queue import next_items
from db.runs import get_run, run_data
from db.store import Store
from emoclf import __version__
from emoclf.errors import EmoclfError, ModelError, NotFoundError, SettingError, StoreError
from emoclf.labels import EMOTIONS
from emoclf.progress import drain
from emoclf.review.filters import Filter
from jobs import runner
from jobs.paths import run_folder
from jobs.training import predict, run_management, train
from jobs.version import code_version
from tests.support.runs import EVEN, add_run, runs


def predictor(store: Store) -> int:
    with store.reading() as session:
        return get_run(session).id


def add_prediction(store: Store, run_id: int, tweet_id: int, out_of_fold: bool) -> None:
    with store.writing() as session:
        add_predictions(session, run_id, [(tweet_id, EVEN, frozenset())], out_of_fold)


def shown(store: Store, tweet_id: int) -> tuple[int, bool]:
    with store.reading() as session:
        best = best_predictions(session, [tweet_id])[tweet_id]
    return best.run_id, best.out_of_fold


def test_the_newest_run_with_files_predicts_until_one_is_promoted(filled: Store) -> None:
    first, second, third = (add_run(filled) for _ in range(3))
    assert predictor(filled) == third
    run_management.delete_files(filled, third)
    assert predictor(filled) == second
    assert run_management.promote(filled, first).promoted
    assert predictor(filled) == first
    run_management.promote(filled, second)
    assert [run.id for run in runs(filled) if run.promoted] == [second]


def test_the_review_shows_unseen_predictions_first_then_the_promoted_runs_then_the_newest(filled: Store) -> None:
    first, second, third = (add_run(filled) for _ in range(3))
    run_management.promote(filled, first)
    for run_id in (first, second, third):
        add_prediction(filled, run_id, 1, out_of_fold=False)
    assert shown(filled, 1) == (first, False)
    add_prediction(filled, second, 1, out_of_fold=True)
    assert shown(filled, 1) == (second, True)
    add_prediction(filled, third, 1, out_of_fold=True)
    assert shown(filled, 1) == (third, True)
    add_prediction(filled, first, 1, out_of_fold=True)
    assert shown(filled, 1) == (first, True)


def test_promoting_a_run_puts_the_queue_in_the_order_of_its_doubts(filled: Store) -> None:
    first, second = add_run(filled), add_run(filled)
    with filled.writing() as session:
        sure = [0.99 if name == "anger" else 0.01 for name in EMOTIONS.names]
        add_predictions(session, first, [(2, sure, frozenset({"anger"}))], out_of_fold=True)
    add_prediction(filled, second, 2, out_of_fold=True)
    run_management.promote(filled, first)
    with filled.reading() as session:
        top = next_items(session, Filter("train"))[0]
    assert (top.tweet_id, top.prediction and top.prediction.run_id) == (2, first)


def test_deleting_files_frees_the_disk_and_keeps_the_record_the_predictions_and_the_data(filled: Store) -> None:
    run_id = add_run(filled, tweets=[(1, "train", frozenset({"joy"}))])
    add_prediction(filled, run_id, 1, out_of_fold=False)
    folder = run_folder(filled, runs(filled)[0].folder)
    assert run_management.delete_files(filled, run_id) == {"run": run_id, "freed_bytes": 10}
    assert list(folder.parent.iterdir()) == []
    assert [run.files for run in runs(filled)] == [False]
    assert shown(filled, 1) == (run_id, False)
    with filled.reading() as session:
        assert len(run_data(session, run_id, ["train"])) == 1
    with pytest.raises(ModelError, match="files of run 1 were deleted"):
        drain(predict.predict(filled, run_id))
    with pytest.raises(SettingError, match="cannot predict"):
        run_management.promote(filled, run_id)
    with pytest.raises(NotFoundError, match="the files of all runs were deleted"):
        predictor(filled)


def test_a_folder_that_somebody_deleted_by_hand_can_be_deleted_from_the_record(filled: Store) -> None:
    run_id = add_run(filled, folder="never-was")
    assert run_management.delete_files(filled, run_id)["freed_bytes"] == 0


def test_a_folder_that_cannot_be_deleted_leaves_the_record_as_it_was(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    run_id = add_run(filled)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StoreError, match="Permission denied"):
        run_management.delete_files(filled, run_id)
    assert runs(filled)[0].files


def test_a_promoted_run_and_one_that_is_deleted_already_are_refused(filled: Store) -> None:
    run_id = add_run(filled)
    run_management.promote(filled, run_id)
    with pytest.raises(SettingError, match="promote another one first"):
        run_management.delete_files(filled, run_id)
    run_management.promote(filled, add_run(filled))
    run_management.delete_files(filled, run_id)
    with pytest.raises(SettingError, match="deleted already"):
        run_management.delete_files(filled, run_id)


@pytest.mark.parametrize(
    ("kind", "job"),
    [
        ("predict", {"run": 1, "out_of_fold": None}),
        ("predict", {"run": None, "out_of_fold": None}),
        ("train", {"base": "dir:{folder}"}),
    ],
)
def test_a_run_that_a_job_needs_keeps_its_files_until_the_job_is_over(
    filled: Store, kind: str, job: dict[str, Any]
) -> None:
    run_id = add_run(filled)
    folder = run_folder(filled, runs(filled)[0].folder)
    job = {name: value.format(folder=folder) if isinstance(value, str) else value for name, value in job.items()}
    job_id = runner.queue_job(filled, kind, job)
    with pytest.raises(SettingError, match=f"in use by job {job_id}"):
        run_management.delete_files(filled, run_id)
    assert folder.is_dir()
    with filled.writing() as session:
        request_cancel(session, job_id)
    run_management.delete_files(filled, run_id)


def test_a_run_can_be_renamed_but_not_to_nothing(filled: Store) -> None:
    run_id = add_run(filled)
    assert run_management.rename(filled, run_id, " the  one ").name == "the one"
    with pytest.raises(SettingError, match="the name is empty"):
        run_management.rename(filled, run_id, "  ")
    with pytest.raises(NotFoundError, match="there is no run 9"):
        run_management.rename(filled, 9, "x")


def _files(store: Store) -> list[Path]:
    """All files except finished folds, which are kept for resuming the training."""
    return sorted(path for path in run_folder(store, "").rglob("*") if "folds" not in path.parts)


@pytest.mark.parametrize("ending", ["fails", "is stopped", "cannot save"])
def test_a_failed_training_leaves_the_promoted_run_unchanged(
    toys: Store,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
) -> None:
    promoted = add_run(toys)
    run_management.promote(toys, promoted)
    before, files = runs(toys), _files(toys)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    if ending == "is stopped":
        work = train.train(toys, settings)
        next(work), next(work), next(work)
        work.close()
    else:
        broken = {
            "fails": "emoclf.training.fitting.Fitting.run",
            "cannot save": "emoclf.backends.on_torch.backend.write",
        }[ending]
        monkeypatch.setattr(broken, full)
        with pytest.raises((OSError, EmoclfError)):
            drain(train.train(toys, settings))
    assert runs(toys) == before
    assert _files(toys) == files
    assert predictor(toys) == promoted


def test_a_run_says_which_code_made_it_and_whether_it_was_changed(tmp_path: Path) -> None:
    assert code_version(tmp_path) == __version__  # no repository
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    (tmp_path / "code.py").write_text("1")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "one"], check=True)
    clean = code_version(tmp_path)
    assert clean.startswith(f"{__version__} ")
    (tmp_path / "code.py").write_text("2")
    assert code_version(tmp_path) == f"{clean}+changed"
    (tmp_path / "part").mkdir()
    assert code_version(tmp_path / "part") == __version__


def test_without_git_the_version_alone_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert code_version() == __version__
