"""Tests of failing trainings: each ends with one sentence and leaves other runs unchanged."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError
from sqlalchemy import text

from db.jobs import get_job
from db.store import Store
from db.tweets import add_tweets
from emoclf.backends import schedule
from emoclf.errors import EmoclfError, ModelError
from emoclf.files.folders import atomic_folder
from emoclf.labels import EMOTIONS
from emoclf.metrics.label_support import MIN_POSITIVES, MIN_TWEETS, few_positives, problem
from emoclf.tweets import Tweet
from jobs import paths, runner
from tests.support.models import tiny_bert, toy_tweets


@pytest.fixture
def train(store: Store, tmp_path: Path) -> dict[str, object]:
    """A store of invented tweets, and the settings of a training that takes a second."""
    toys = toy_tweets(80)
    labels = EMOTIONS.decode(toys.labels)
    with store.writing() as session:
        tweets = [Tweet(f"t{i}", words, labels[i], "dev" if i >= 70 else "train") for i, words in enumerate(toys.texts)]
        add_tweets(session, tweets)
    return {"base": tiny_bert(tmp_path / "base"), "epochs": 1, "threads": 1, "max_length": 32}


def state(store: Store, job: int) -> tuple[str, str]:
    with store.reading() as session:
        found = get_job(session, job)
    return found.state, found.message


def runs(store: Store) -> list[int]:
    with store.reading() as session:
        return list(session.scalars(text("SELECT id FROM runs")))


def folders(store: Store) -> list[str]:
    return sorted(path.name for path in paths.runs_folder(store).iterdir() if path.name not in ("logs", "folds"))


def fails_and_goes_through_afterwards(
    store: Store, train: dict[str, object], monkeypatch: pytest.MonkeyPatch, message: str
) -> None:
    """The job fails with `message`, the run before it stays the only one, and started again it succeeds."""
    before, kept = runs(store), folders(store)
    job = runner.queue_job(store, "train", train)
    with pytest.raises(EmoclfError, match=message):
        runner.execute(store, job)
    how, reported = state(store, job)
    assert how == "failed"
    assert "\n" not in reported
    assert (runs(store), folders(store)) == (before, kept)
    monkeypatch.undo()
    again = runner.queue_job(store, "train", train)
    runner.execute(store, again)
    assert state(store, again)[0] == "done"
    assert len(runs(store)) == len(before) + 1


def test_a_loss_that_is_not_finite_fails_only_its_job(
    store: Store, train: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.execute(store, runner.queue_job(store, "train", train))
    with monkeypatch.context() as patch:
        patch.setattr(schedule, "class_weights", lambda labels: np.full(len(EMOTIONS), np.nan))
        fails_and_goes_through_afterwards(store, train | {"seed": 2}, patch, "the loss became nan")


@pytest.mark.parametrize(
    "full", [OSError(errno.ENOSPC, "No space left on device"), SafetensorError("I/O error: No space left on device")]
)
def test_a_full_disk_fails_the_job_and_says_how_much_is_needed(
    store: Store, train: dict[str, object], monkeypatch: pytest.MonkeyPatch, full: Exception
) -> None:
    from emoclf.training.classifier import Classifier  # here, since the quick tests of this file need no torch

    runner.execute(store, runner.queue_job(store, "train", train))

    def no_room(self: Classifier, folder: Path) -> None:
        (folder / "half").write_text("half")
        raise full

    with monkeypatch.context() as patch:
        patch.setattr(Classifier, "_write", no_room)
        message = r"cannot be saved in .*No space left on device.*about 0 MB are needed there and [\d,]+ MB are free"
        fails_and_goes_through_afterwards(store, train | {"seed": 2}, patch, message)


def test_a_training_killed_while_saving_is_lost_and_leaves_no_run(store: Store, train: dict[str, object]) -> None:
    job = runner.queue_job(store, "train", train)
    killing = (
        "import os, signal, sys\n"
        "from emoclf.training.classifier import Classifier\n"
        "from jobs import worker\n"
        "def killed(self, folder):\n"
        "    (folder / 'half').write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "Classifier._write = killed\n"
        "worker.main(int(sys.argv[1]))\n"
    )
    root = Path(runner.__file__).resolve().parents[1]
    env = {**os.environ, "PYTHONPATH": str(root)}
    worker = subprocess.run([sys.executable, "-c", killing, str(job)], env=env, capture_output=True)
    assert worker.returncode == -signal.SIGKILL, worker.stderr
    runner.find_lost(store)
    assert state(store, job)[0] == "lost"
    assert runs(store) == []
    assert all(name.endswith(".unfinished") for name in folders(store))
    again = runner.queue_job(store, "train", train)
    runner.execute(store, again)
    assert len(runs(store)) == len(folders(store)) == 1  # what the killed one had begun is swept away


def test_unfinished_folders_of_running_processes_are_kept(tmp_path: Path) -> None:
    writing = tmp_path / f".other.{os.getppid()}.unfinished"
    writing.mkdir()
    with atomic_folder(tmp_path / "mine", 0):
        pass
    assert writing.is_dir()


def test_a_link_to_an_empty_folder_fills_that_folder_and_stays(tmp_path: Path) -> None:
    (tmp_path / "meant").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "meant")
    with atomic_folder(tmp_path / "link", 0) as begun:
        (begun / "file").touch()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "meant"]
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "meant" / "file").is_file()


def test_a_folder_that_cannot_be_written_gives_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.raises(ModelError, match=r"run cannot be saved in .*file"),
        atomic_folder(tmp_path / "file" / "run", 5),
    ):
        pass


def test_enough_of_every_emotion_is_no_shortage() -> None:
    enough = dict.fromkeys(EMOTIONS.names, MIN_POSITIVES)
    assert (problem(MIN_TWEETS, enough), few_positives(enough)) == ("", "")


def test_emotions_that_no_tweet_has_are_all_named() -> None:
    nothing = dict.fromkeys(EMOTIONS.names, 0)
    assert problem(MIN_TWEETS, nothing) == f"no training tweet has {', '.join(EMOTIONS.names)}; import or label some"
    assert few_positives(nothing) == ""
    assert "at least 50" in problem(MIN_TWEETS - 1, nothing)
