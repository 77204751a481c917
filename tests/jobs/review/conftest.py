"""Fixtures for tests of the review."""

import pytest

from db import shares
from db.store import Store
from db.tweets import add_tweets
from emoclf.tweets import Tweet


@pytest.fixture
def sixty(store: Store) -> Store:
    """A store with 60 invented tweets, ids 1 to 60, without a random share."""
    with store.writing() as session:
        shares.set_random(session, 0)
        add_tweets(session, [Tweet(f"k{i}", f"so happy {i}", frozenset({"joy"})) for i in range(1, 61)])
    return store
