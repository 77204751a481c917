"""Tests of bulk accept: only after its sample, completely and once, beside reviewers, and undone as a whole."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from db import batches, bulk, leases
from db.decisions import decision_log
from db.queue import set_rank_inputs
from db.store import Store
from db.tweets import add_tweets
from db.values import RankInputs
from emoclf.errors import SettingError
from emoclf.metrics.acceptance_sampling import Sample
from emoclf.progress import drain
from emoclf.review.filters import Filter
from emoclf.tweets import Tweet
from jobs import runner
from jobs.review import review_card
from jobs.review.accept import accept
from jobs.review.bulk import batch_progress, drop, offer, open_batch
from jobs.review.undo import undo
from tests.support.batches import ANGER, HAPPY, JOY, LOVE, accepted, check, checked, drawn, in_force, sample_of
from tests.support.decisions import decide
from tests.support.decisions import undo as undone_by_hand
from tests.support.jobs import wait_until
from tests.support.paths import ROOT


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven tweets in a transaction, so that a hundred take many."""
    for name in ("accept_some", "undo_some"):
        step = getattr(bulk, name)
        monkeypatch.setattr(bulk, name, lambda *given, step=step: step(*given, limit=7))


def log(store: Store) -> list[dict[str, Any]]:
    with store.reading() as session:
        return list(decision_log(session))


def replayed(store: Store) -> set[int]:
    """The decided tweets according to the decision log alone."""
    rows = log(store)
    with store.reading() as session:
        in_force = session.connection().exec_driver_sql(
            "SELECT tweet_id FROM decisions d WHERE kind = 'decide' AND NOT EXISTS "
            "(SELECT 1 FROM decisions u WHERE u.undoes_id = d.id)"
        )
        found = {tweet_id for (tweet_id,) in in_force}
    assert len({row["event_id"] for row in rows}) == len(rows)
    return found


def test_nothing_is_accepted_before_the_whole_sample_is_checked(many: Store) -> None:
    number = drawn(many)
    check(many, number, "love", n=9)
    with pytest.raises(SettingError, match="9 of the 10 tweets in the sample of happy ones are checked"):
        drain(accept(many, number, "ana"))
    check(many, number, "love")
    review_card.save_events(many, "ana", [undone_by_hand("u1", f"s{number}-{sample_of(many, number)[0]}")])
    with pytest.raises(SettingError, match="9 of the 10"):
        drain(accept(many, number, "ana"))
    assert not any(row["batch"] for row in log(many))


def test_a_batch_accepts_the_sources_labels_for_all_tweets_outside_the_sample(many: Store) -> None:
    number = checked(many)
    result = drain(accept(many, number, "ben"))
    assert result == {"batch": "happy ones", "accepted": 50, "decided_meanwhile": 0, "in_front_of_others": 0}
    rest = set(range(1, 61)) - set(sample_of(many, number))
    assert dict.fromkeys(rest, LOVE) == {i: labels for i, (labels, batch) in in_force(many).items() if batch}
    rows = [row for row in log(many) if row["batch"]]
    assert {(row["reviewer"], row["seconds"], row["blind"], row["guidelines"]) for row in rows} == {
        ("ben", None, False, 0)
    }
    known = batch_progress(many, number).batch
    assert (known.state, known.wrong, known.at_most) == ("accepted", 0, Sample(60, 10, 0).max_wrong)
    with pytest.raises(SettingError, match="cannot be accepted: it is accepted"):
        drain(accept(many, number, "ana"))


@pytest.mark.parametrize(("source", "expected"), [("original", JOY), ("prediction", JOY), ("majority", JOY)])
def test_each_source_is_accepted_with_its_own_labels(many: Store, source: str, expected: frozenset[str]) -> None:
    accepted(many, source=source)
    labels = {labels for labels, batch in in_force(many).values() if batch}
    assert labels == {expected}
    assert sum(batch is not None for _, batch in in_force(many).values()) == (90 if source == "original" else 30)


def test_a_batch_uses_the_sources_labels_from_the_time_of_the_sample(many: Store) -> None:
    number = checked(many)
    with many.writing() as session:
        set_rank_inputs(session, [RankInputs(i, 0.9, "anger", 0.0, ANGER, ANGER) for i in range(1, 101)])
    assert batch_progress(many, number).wrong == []
    drain(accept(many, number, "ana"))
    assert {labels for labels, batch in in_force(many).values() if batch} == {LOVE}


def test_tweets_decided_meanwhile_or_assigned_to_another_reviewer_are_left_out_and_counted(many: Store) -> None:
    number = checked(many)
    rest = sorted(set(range(1, 61)) - set(sample_of(many, number)))
    review_card.save_events(many, "ben", [decide("b1", rest[0], "anger")])
    with many.writing() as session:
        leases.take(session, rest[1:3], "ben")
        leases.take(session, rest[3:5], "ana")  # who accepts has them herself
    result = drain(accept(many, number, "ana"))
    assert (result["accepted"], result["decided_meanwhile"], result["in_front_of_others"]) == (47, 1, 2)
    assert in_force(many)[rest[0]] == (ANGER, None)
    assert not set(rest[1:3]) & set(in_force(many))


def test_a_tweet_in_the_sample_of_another_batch_is_left_out(many: Store) -> None:
    first = checked(many)
    second = drawn(many, "original", Filter(), "everything")
    waiting = set(sample_of(many, second)) - set(sample_of(many, first))
    drain(accept(many, first, "ana"))
    assert not waiting & set(in_force(many))
    check(many, second, "joy")
    assert batch_progress(many, second).is_checked


def test_tweets_accepted_by_another_batch_do_not_count_as_checked(many: Store) -> None:
    first = drawn(many)
    with many.writing() as session:
        batches.record(session, first, state="dropped")
    accepted(many, source="original", wanted=Filter(), name="the others")
    assert any(in_force(many)[i][1] for i in sample_of(many, first))
    assert all(one.decided is None for one in batch_progress(many, first).sample if in_force(many)[one.tweet_id][1])


def test_a_stopped_batch_resumes_and_accepts_each_tweet_once(many: Store, small_steps: None) -> None:
    number = checked(many)
    for _ in broken_off(many, number):
        assert batch_progress(many, number).batch.state == "accepting"
    assert sum(row["batch"] is not None for row in log(many)) == 50
    assert replayed(many) == set(range(1, 61))
    assert batch_progress(many, number).batch.state == "accepted"


def broken_off(store: Store, number: int) -> Iterator[None]:
    """Start again and again, and stop after one transaction each time, like a killed process."""
    while True:
        work = accept(store, number, "ana")
        try:
            next(work)
        except StopIteration:
            return
        work.close()
        yield


def test_a_kill_within_a_transaction_stores_nothing_of_it(many: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    number = checked(many)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "_write", die)
        with pytest.raises(KeyboardInterrupt):
            drain(accept(many, number, "ana"))
    assert not any(row["batch"] for row in log(many))
    drain(accept(many, number, "ana"))
    assert replayed(many) == set(in_force(many)) == set(range(1, 61))


def test_undoing_a_batch_adds_rows_and_changes_nothing_else(many: Store, small_steps: None) -> None:
    before = in_force(many)
    number = accepted(many)
    rows = len(log(many))
    assert drain(undo(many, number, "cem")) == {"batch": "happy ones", "undone": 50, "decided_again": 0}
    assert len(log(many)) == rows + 50
    assert {i: one for i, one in in_force(many).items() if i not in sample_of(many, number)} == before
    assert replayed(many) == set(sample_of(many, number))
    assert offer(many, HAPPY).undecided == 90
    with pytest.raises(SettingError, match="there is nothing to undo: the batch happy ones is undone"):
        drain(undo(many, number, "cem"))


def test_a_later_decision_by_a_reviewer_takes_precedence_over_the_batch(many: Store) -> None:
    number = accepted(many)
    tweet = next(i for i, (_, batch) in in_force(many).items() if batch)
    review_card.save_events(many, "ben", [decide("b1", tweet, "anger")])
    assert drain(undo(many, number, "ana"))["decided_again"] == 1
    assert in_force(many)[tweet] == (ANGER, None)
    review_card.save_events(many, "ben", [undone_by_hand("u1", "b1")])
    assert tweet not in in_force(many)


def test_an_undo_stops_a_running_acceptance_and_reverts_it(many: Store, small_steps: None) -> None:
    number = checked(many)
    work = accept(many, number, "ana")
    next(work)
    assert drain(undo(many, number, "ana"))["undone"] == 7
    with pytest.raises(SettingError, match="is being undone, so no more of its tweets are accepted"):
        drain(work)
    assert replayed(many) == set(sample_of(many, number))


def test_accept_and_undo_run_as_jobs_and_resume_after_a_stop(many: Store, small_steps: None) -> None:
    number = checked(many)
    settings = {"batch": number, "reviewer": "ana"}
    work = accept(many, number, "ana")
    next(work)
    work.close()
    assert runner.execute(many, runner.queue_job(many, "accept", settings))["accepted"] == 50
    assert runner.execute(many, runner.queue_job(many, "undo", settings))["undone"] == 50


@pytest.mark.processes
def test_a_killed_worker_resumes_and_accepts_each_tweet_once(store: Store) -> None:
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{i}", f"so happy {i}", JOY) for i in range(1, 10_001)])
    number = checked(store, "joy", source="original")
    job_id = runner.queue_job(store, "accept", {"batch": number, "reviewer": "ana"})
    worker = subprocess.Popen([sys.executable, "-m", "jobs.worker", str(job_id)], cwd=ROOT, stdout=subprocess.DEVNULL)
    wait_until(lambda: bool(outcomes(store, number)) or worker.poll() is not None)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    half = outcomes(store, number)["accepted"]
    assert 0 < half < 9990
    assert runner.queue_job(store, "accept", {"batch": number, "reviewer": "ana"}) == job_id
    assert runner.execute(store, job_id)["accepted"] == 9990
    assert len(replayed(store)) == len(in_force(store)) == 10_000


def outcomes(store: Store, number: int) -> Counter[str]:
    with store.reading() as session:
        return batches.outcomes(session, number)


def test_a_discarded_batch_releases_its_tweets_and_keeps_the_decisions_on_its_sample(many: Store) -> None:
    number = checked(many)
    drop(many, number)
    assert open_batch(many, HAPPY) is None
    assert set(in_force(many)) == set(sample_of(many, number))
    with pytest.raises(SettingError, match="it is dropped"):
        drain(accept(many, number, "ana"))


def test_two_batches_never_share_an_id(many: Store) -> None:
    accepted(many)
    accepted(many, source="original", wanted=Filter(), name="the others")
    with many.reading() as session:
        assert [one.name for one in batches.everything(session)] == ["the others", "happy ones"]
    assert len(replayed(many)) == 100
