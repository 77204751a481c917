"""Fixtures of the tests of reviewing."""

import pytest

from db import commands, shares
from db.store import Store
from emoclf.tweets import Tweet


@pytest.fixture
def sixty(store: Store) -> Store:
    """A store with 60 invented tweets, ids 1 to 60, none of which comes by chance."""
    with store.writing() as session:
        shares.set_random(session, 0)
        commands.add_tweets(session, [Tweet(f"k{i}", f"so happy {i}", frozenset({"joy"})) for i in range(1, 61)])
    return store
