"""Tests of the runner: progress, stopping, resuming, and the recorded state."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from db.jobs import (
    add_job,
    claim_job,
    early_stop_requested,
    end_job,
    get_job,
    list_jobs,
    report_progress,
    request_cancel,
    request_early_stop,
    requeue_job,
)
from db.queue import next_items
from db.store import Store, open_store
from db.suggestions import all_suggestions, latest_suggestions
from db.tweets import add_tweets
from emoclf.errors import EmoclfError, SettingError
from emoclf.llm.scripted_model import ScriptedChatModel
from emoclf.progress import Progress, drain
from emoclf.review.filters import Filter, from_address
from emoclf.tweets import Tweet
from jobs import runner
from jobs.llm.suggest import suggest
from jobs.paths import log_file
from jobs.settings.llm import SuggestSettings
from jobs.settings.training import TrainSettings
from tests.support.jobs import job, wait_until

SCRIPTED: dict[str, Any] = {"engine": "scripted:words", "limit": None, "split": None}


def suggested(store: Store) -> list[int]:
    with store.reading() as session:
        return list(session.scalars(text("SELECT tweet_id FROM suggestions ORDER BY id")))


@pytest.fixture
def hundred(store: Store) -> Store:
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{n}", f"happy tweet {n}", frozenset()) for n in range(100)])
    return store


def test_a_job_runs_in_its_own_process_and_stores_the_result_in_its_row(filled: Store) -> None:
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    runner.start(filled, job_id)
    wait_until(lambda: job(filled, job_id).is_over)
    done = job(filled, job_id)
    assert (done.state, done.result and done.result["suggested"]) == ("done", 4), runner.last_lines(filled, done)
    assert sorted(suggested(filled)) == [1, 2, 3, 4]


@pytest.mark.processes
def test_a_stopped_job_resumes_where_it_was(hundred: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "REPORT_SECONDS", 0)
    job_id = runner.queue_job(hundred, "suggest", SCRIPTED)

    def stop_in_the_middle(progress: Progress) -> None:
        if progress.done >= 32:
            with hundred.writing() as session:
                request_cancel(session, job_id)

    with pytest.raises(runner.Cancelled):
        runner.execute(hundred, job_id, stop_in_the_middle)
    assert job(hundred, job_id).state == "cancelled"
    before = suggested(hundred)
    assert 0 < len(before) < 100
    assert runner.queue_job(hundred, "suggest", SCRIPTED) == job_id
    runner.execute(hundred, job_id)
    assert suggested(hundred)[: len(before)] == before
    assert sorted(suggested(hundred)) == list(range(1, 101))


def test_an_interrupted_job_with_a_limit_answers_its_limit_in_total(hundred: Store) -> None:
    since = _begin_and_break_off(hundred, limit=40)
    drain(suggest(hundred, ScriptedChatModel(), limit=40, since=since))
    assert len(suggested(hundred)) == len(set(suggested(hundred))) == 40
    drain(suggest(hundred, ScriptedChatModel(), limit=40))  # a new job: forty more
    assert len(set(suggested(hundred))) == 80


def _begin_and_break_off(store: Store, limit: int) -> Any:
    with store.writing() as session:
        began = get_job(session, add_job(session, "suggest", {}))
    work = suggest(store, ScriptedChatModel(), limit=limit, since=began.created_at)
    next(work)
    work.close()
    assert 0 < len(suggested(store)) < limit
    return began.created_at


def test_a_tweet_that_cannot_be_scored_is_counted_and_the_others_are_stored(filled: Store) -> None:
    engine = ScriptedChatModel({"cannot wait for tomorrow": None})
    result = drain(suggest(filled, engine))
    assert (result["suggested"], result["failed"]) == (3, 1)
    assert sorted(suggested(filled)) == [1, 2, 4]


def test_only_the_tweets_that_the_review_shows_with_a_filter_are_asked(filled: Store) -> None:
    wanted = from_address("http://localhost:8501/review?emotion=love&source=original")
    settings = SuggestSettings("scripted:words", filter=wanted.to_query())
    result = runner.execute(filled, runner.queue_job(filled, "suggest", settings))
    assert (result["suggested"], suggested(filled)) == (1, [1])


def test_a_tweet_that_failed_is_asked_again_next_time_and_those_answered_are_not(filled: Store) -> None:
    text = "the bus is late AGAIN, I am furious"
    assert drain(suggest(filled, ScriptedChatModel({text: None})))["failed"] == 1
    assert 2 not in suggested(filled)
    again = drain(suggest(filled, ScriptedChatModel()))
    assert (again["suggested"], again["failed"]) == (1, 0)
    assert sorted(suggested(filled)) == [1, 2, 3, 4]


def test_suggestions_of_another_engine_are_added_to_those_of_the_first(filled: Store) -> None:
    first, second = ScriptedChatModel(), ScriptedChatModel()
    second.name = "scripted-too"
    drain(suggest(filled, first))
    drain(suggest(filled, second))
    with filled.reading() as session:
        assert len(list(all_suggestions(session))) == 8
        assert latest_suggestions(session, [1])[1].engine == "scripted-too"


def test_a_job_whose_process_has_ended_is_lost_and_shows_the_last_lines_of_its_log(filled: Store) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    with filled.writing() as session:
        claim_job(session, job_id, gone.pid, 1.0)
    log = log_file(filled, job_id)
    log.parent.mkdir(parents=True)
    log.write_text("loading\nout of memory\n")
    runner.find_lost(filled)
    assert job(filled, job_id).state == "lost"
    assert "out of memory" in job(filled, job_id).message


def test_a_reused_pid_is_not_mistaken_for_the_worker(filled: Store) -> None:
    import os

    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    with filled.writing() as session:
        claim_job(session, job_id, os.getpid(), runner.started_at(os.getpid()) - 3600)
    runner.find_lost(filled)
    assert job(filled, job_id).state == "lost"


def test_a_worker_that_dies_before_it_starts_is_detected(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    runner.start(filled, job_id)

    def is_lost() -> bool:
        runner.find_lost(filled)
        return job(filled, job_id).state == "lost"

    wait_until(is_lost)


def test_only_one_process_gets_a_job(filled: Store) -> None:
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    with filled.writing() as session:
        assert claim_job(session, job_id, 1, 1.0)
        assert not claim_job(session, job_id, 2, 2.0)
    with pytest.raises(SettingError, match="another process runs it"):
        runner.execute(filled, job_id)


def test_a_failed_job_shows_the_message_of_its_error(filled: Store) -> None:
    job_id = runner.queue_job(filled, "suggest", {**SCRIPTED, "engine": "dir:/no/such/folder"})
    with pytest.raises(EmoclfError, match="there is no folder"):
        runner.execute(filled, job_id)
    assert (job(filled, job_id).state, "no folder" in job(filled, job_id).message) == ("failed", True)


def test_a_job_that_has_not_started_can_be_cancelled(filled: Store) -> None:
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    with filled.writing() as session:
        request_cancel(session, job_id)
    assert job(filled, job_id).state == "cancelled"


def test_every_detail_of_a_job_reaches_its_row_and_stays_when_later_steps_bring_none(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def work(*_: Any) -> Iterator[Progress]:
        yield Progress(1, 3)
        yield Progress(2, 3, "", {"history": [0.4]})
        seen.append(job(filled, job_id).detail)
        yield Progress(3, 3)
        return {}

    monkeypatch.setattr("jobs.llm.suggest.run", work)
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    runner.execute(filled, job_id)
    assert seen == [{"history": [0.4]}]
    assert job(filled, job_id).detail == {"history": [0.4]}


def test_a_request_to_stop_early_reaches_the_job_and_is_cleared_when_it_resumes(filled: Store) -> None:
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    with filled.writing() as session:
        assert not early_stop_requested(session, job_id)
        request_early_stop(session, job_id)
        assert early_stop_requested(session, job_id)
        request_cancel(session, job_id)
    assert runner.queue_job(filled, "suggest", SCRIPTED) == job_id
    with filled.reading() as session:
        assert not early_stop_requested(session, job_id)


def test_progress_never_exceeds_the_total() -> None:
    assert Progress(3, 0).fraction == 0
    assert Progress(5, 4).fraction == 1


@pytest.mark.parametrize(
    ("kind", "settings", "sentence"),
    [
        ("suggest", {**SCRIPTED, "limit": 0}, "set it to at least 1 tweet"),
        ("suggest", {**SCRIPTED, "limit": "ten"}, "limit is 'ten', expected a whole number or nothing"),
        ("suggest", {**SCRIPTED, "split": "gold"}, "split is 'gold', expected one of train, dev, test"),
        ("suggest", {**SCRIPTED, "filter": {"doubt": "much"}}, "doubt is 'much'"),
        ("train", {"labels": "gold"}, "labels is 'gold', expected one of approved, original, reviewed"),
        ("train", {"batch_size": None}, "batch_size is None, expected a whole number"),
        ("train", {"patience": 2}, "there is no setting 'patience'; the settings are base, "),
        ("train", {"then_train": {"folds": 1}}, "folds is 1, expected 2 or more"),
        ("predict", {"out_of_fold": 1}, "at least 2 folds, not 1"),
        ("export_run", {"run": 1}, "the setting 'folder' is missing"),
        ("pretrain", SuggestSettings(), "expected EncoderSettings"),
    ],
)
def test_an_invalid_setting_is_refused_in_a_sentence_before_a_job_is_queued(
    filled: Store, kind: str, settings: Any, sentence: str
) -> None:
    with pytest.raises(SettingError, match=sentence):
        runner.queue_job(filled, kind, settings)
    with filled.reading() as session:
        assert list_jobs(session) == []


def test_the_settings_of_a_job_are_stored_complete(filled: Store) -> None:
    job_id = runner.queue_job(filled, "suggest", {"engine": "scripted:words"})
    assert job(filled, job_id).settings == {"engine": "scripted:words", "limit": None, "split": None, "filter": None}


def test_an_interrupted_job_whose_settings_an_earlier_version_stored_is_resumed(filled: Store) -> None:
    with filled.writing() as session:
        stored = add_job(session, "train", {"epochs": 2, "labels": "approved", "views": ["light"]})
        request_cancel(session, stored)
    assert runner.queue_job(filled, "train", TrainSettings(epochs=3, views=("light",))) != stored
    with filled.writing() as session:
        stored = add_job(session, "train", {"epochs": 2, "labels": "approved", "views": ["light"]})
        request_cancel(session, stored)
    assert runner.queue_job(filled, "train", TrainSettings(epochs=2, views=("light",))) == stored


def test_a_suggestion_job_ignores_a_setting_that_only_another_version_knows(filled: Store) -> None:
    assert runner.execute(filled, runner.queue_job(filled, "suggest", {**SCRIPTED, "mood": "calm"}))["suggested"] == 4


def test_an_unknown_kind_of_job_is_refused(filled: Store) -> None:
    with pytest.raises(SettingError, match="the kinds are suggest, explain, "):
        runner.queue_job(filled, "dance", {})


def test_two_stores_do_not_share_a_log(store: Store, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    assert log_file(store, 1) != log_file(other, 1)
    other.close()


def test_the_same_job_is_not_started_twice(filled: Store) -> None:
    runner.queue_job(filled, "suggest", SCRIPTED)
    with pytest.raises(SettingError, match="the same request for suggestions is queued or running already, as job 1"):
        runner.queue_job(filled, "suggest", SCRIPTED)


def test_a_worker_that_lost_its_job_to_another_stops_and_changes_nothing(filled: Store) -> None:
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    with filled.writing() as session:
        claim_job(session, job_id, 1, 1.0)
        stale = get_job(session, job_id)
        end_job(session, stale, "lost", "gone")
        requeue_job(session, job_id)
        claim_job(session, job_id, 2, 2.0)
        assert not report_progress(session, stale, Progress(5, 9, "still here"))
        end_job(session, stale, "failed", "too late")
    assert (job(filled, job_id).state, job(filled, job_id).pid, job(filled, job_id).done) == ("running", 2, 0)


def test_a_process_that_cannot_be_started_is_a_failed_job(
    filled: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EMOCLF_RUNS", str(tmp_path / "file" / "runs"))
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    runner.start(filled, job_id)
    assert job(filled, job_id).state == "failed"


def test_suggestions_made_before_a_stop_order_the_queue(hundred: Store) -> None:
    _begin_and_break_off(hundred, limit=40)
    with hundred.reading() as session:
        assert next_items(session, Filter("train"))[0].doubt > 0
