"""Tests with a store made before the code had packages: it opens, its job resumes, and its run can be compared."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from db.decisions import decision_log
from db.jobs import list_jobs
from db.runs import get_run
from db.store import Store, open_store
from db.tweets import labelled_tweets
from emoclf.progress import Progress, drain
from jobs import runner
from jobs.paths import run_folder
from jobs.training.comparison import comparisons
from jobs.training.predict import predict
from jobs.training.run_management import load
from tests.support.paths import ROOT


@pytest.fixture
def earlier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """143 invented tweets, 3 decisions in force, one finished run, and a training that was stopped near its end."""
    with ZipFile(ROOT / "tests" / "stores" / "flat_layout.zip") as files:
        files.extractall(tmp_path)
    monkeypatch.chdir(tmp_path)  # its base model is `dir:base`
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    store.close()


def test_decisions_of_an_earlier_version_stay_in_force(earlier: Store) -> None:
    with earlier.reading() as session:
        tweets = labelled_tweets(session, ["train"], "reviewed")
        assert {tweet.key: (tweet.labels, tweet.reviewer) for tweet in tweets} == {
            "t0": ({"joy"}, "ana"),
            "t1": ({"fear", "sadness"}, "ana"),
            "t3": ({"trust"}, "ben"),
        }
        assert len(list(decision_log(session))) == 5  # one more that was taken back, and its undo


@pytest.mark.training
def test_a_run_of_an_earlier_version_predicts(earlier: Store) -> None:
    with earlier.reading() as session:
        assert load(earlier, get_run(session, 1)).thresholds is not None
    assert drain(predict(earlier, 1))["run"] == 1


@pytest.mark.training
def test_a_job_that_an_earlier_version_left_unfinished_goes_on_and_its_run_compares(earlier: Store) -> None:
    with earlier.reading() as session:
        stopped = list_jobs(session)[0]
    assert (stopped.kind, stopped.state) == ("train", "cancelled")
    steps: list[Progress] = []
    job_id = runner.queue_job(earlier, stopped.kind, dict(stopped.settings))
    assert job_id == stopped.id
    result = runner.execute(earlier, job_id, steps.append)
    first = next(step for step in steps if step.total)
    assert first.done > first.total / 2  # the folds that were finished are not trained again
    with earlier.reading() as session:
        assert run_folder(earlier, get_run(session, result["run"]).folder).is_dir()
    assert comparisons(earlier, result["run"], 1).original.scores.n == 33
