"""Stress test with twenty reviewers and killed servers: no decision is lost, duplicated or misplaced."""

import pytest

from db.store import Store
from tests.support.models import toy_tweets
from tests.support.simulated_reviewers import SimulatedReviewers, faults, fill, log


@pytest.mark.processes
def test_twenty_reviewers_and_a_server_killed_three_times_lose_nothing(store: Store) -> None:
    fill(store, toy_tweets(1000))
    outcome = SimulatedReviewers(store, reviewers=20, decisions=200, kills=3).run()
    assert len(log(store)) == 200
    assert set(faults(store, outcome).values()) == {0}
    assert outcome.reads > 0
