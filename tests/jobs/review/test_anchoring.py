"""Tests of the anchoring estimate: only randomized decisions are compared, so that no influence is reported as none."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from db import shares
from db.store import Store
from db.tweets import add_tweets
from emoclf.metrics import anchoring
from emoclf.metrics.anchoring import BlindDraw
from emoclf.review.filters import Filter
from emoclf.review.seeded_draws import draw
from emoclf.tweets import Tweet
from jobs.review import bulk, review_card, reviewers
from jobs.review.reviewers import Sides
from tests.support.decisions import card_data, decide, undo
from tests.support.pages import words

JOY = frozenset({"joy"})
TWEETS, WRONG = 400, 150


@pytest.fixture
def many(store: Store) -> Store:
    """A store with 400 invented train tweets, all of joy; the 150 most doubtful are wrong."""
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{i}", f"so happy {i}", JOY) for i in range(1, TWEETS + 1)])
        shares.set_random(session, 0)
    return store


def event(tweet_id: int, blind: bool, labels: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A decision with the true labels, which no source has influenced."""
    truth = labels or (("anger",) if tweet_id <= WRONG else ("joy",))
    return decide(f"e{tweet_id}", tweet_id, *truth, blind=blind, seconds=2.0, **more)


def review_under(store: Store, share: float, ids: range, reviewer: str = "ana") -> None:
    """Decide tweets under a blind share, stored as by a version that did not record the share."""
    review_card.save_events(store, reviewer, [event(i, draw(f"k{i}", "blind") < share) for i in ids])


def sides(store: Store, reviewer: str = "") -> Sides | None:
    return reviewers.report(store).sides.get((reviewer, "train"))


@pytest.mark.simulation
def test_no_influence_is_reported_as_none_even_if_the_blind_share_was_changed(
    many: Store,
) -> None:
    review_under(many, 0.0, range(1, 151))  # all wrong, none blind
    review_under(many, 0.5, range(151, 400))
    found = sides(many)
    assert found is not None
    assert found.is_enough
    assert found.blind.decisions + found.assisted.decisions >= 240
    assert (found.blind.kept, found.assisted.kept) == (1.0, 1.0)
    assert found.kept.low < 0 < found.kept.high


@pytest.mark.simulation
def test_batch_samples_are_always_blind_and_do_not_count(many: Store) -> None:
    review_under(many, 0.3, range(1, 301))
    number = bulk.draw_sample(many, Filter(), "original", 60, "the rest", "ana")
    ids = [one.tweet_id for one in bulk.batch_progress(many, number).sample]
    review_card.save_events(many, "ana", [event(i, True) for i in ids])  # all of them easy, and blind
    found = sides(many)
    assert found is not None
    assert found.blind.decisions == sum(draw(f"k{i}", "blind") < 0.3 for i in range(1, 301))
    assert found.kept.low < 0 < found.kept.high


@pytest.mark.simulation
def test_a_card_of_the_queue_records_its_blind_share_and_one_of_a_sample_records_none(many: Store) -> None:
    with many.writing() as session:
        shares.set_blind(session, "train", 0.25)
    card = card_data(many, "ana", Filter(), "as imported", TWEETS)["tweets"][0]
    assert card["blind_share"] == 0.25
    number = bulk.draw_sample(many, Filter(), "original", 20, "all", "ana")
    sampled = card_data(many, "ana", Filter(sample=str(number)), "random", 20)["tweets"][0]
    assert sampled["blind_share"] is None


@pytest.mark.simulation
def test_decisions_under_two_blind_shares_are_never_combined(many: Store) -> None:
    for share, ids in ((0.1, range(1, 151)), (0.6, range(151, 401))):
        shown = {"original": ["joy"], "suggestion": None, "prediction": None, "blind_share": share}
        events = [event(i, draw(f"k{i}", "blind") < share) | {"shown": shown} for i in ids]
        review_card.save_events(many, "ana", events)
    found = sides(many)
    assert found is not None
    assert found.blind.decisions + found.assisted.decisions == 250


@pytest.mark.simulation
def test_tweets_that_a_link_opened_are_never_blind_and_do_not_count(many: Store) -> None:
    review_under(many, 0.5, range(1, 201))
    before = sides(many)
    shown = {"original": ["joy"], "suggestion": None, "prediction": None, "blind_share": None}
    review_card.save_events(many, "ana", [event(i, False) | {"shown": shown} for i in range(201, 401)])
    assert sides(many) == before


@pytest.mark.simulation
def test_a_real_influence_is_reported_with_its_interval(many: Store) -> None:
    chance = np.random.default_rng(0)
    blind = [draw(f"k{i}", "blind") < 0.5 for i in range(1, TWEETS + 1)]
    kept = chance.random(TWEETS) < np.where(blind, 0.5, 0.8)  # on the screen, the original is taken over
    events = [event(i, b, ("joy",) if k else ("fear",)) for i, (b, k) in enumerate(zip(blind, kept, strict=True), 1)]
    review_card.save_events(many, "ana", events)
    found = sides(many)
    assert found is not None
    assert 0 < found.kept.low < 0.3 < found.kept.high
    assert found.rates["anger"].value == 0


@pytest.mark.simulation
def test_a_blind_decision_undone_after_the_sources_appeared_still_counts(many: Store) -> None:
    review_under(many, 0.5, range(1, 101))
    before = sides(many)
    review_card.save_events(
        many, "ana", [undo(f"u{i}", f"e{i}") for i in range(1, 101) if draw(f"k{i}", "blind") < 0.5]
    )
    again = [decide(f"again{i}", i, "joy", blind=True) for i in range(1, 101) if draw(f"k{i}", "blind") < 0.5]
    review_card.save_events(many, "ana", again)
    assert sides(many) == before


def test_the_interval_contains_0_in_95_of_100_reviews_without_influence() -> None:
    """The share rises while the queue goes from doubtful to easy; every tweet has two reviewers who mostly agree."""
    chance, inside, naive = np.random.default_rng(0), 0, 0
    for _ in range(400):
        draws, n = chance.random(300), 300
        shares_then = np.where(np.arange(n) < 120, 0.1, 0.5)
        wrong = chance.random(n) < np.where(np.arange(n) < 120, 0.9, 0.1)
        twice = np.repeat(np.arange(n), 2)
        blind = (draws < shares_then)[twice]
        kept = ~wrong[twice] ^ (chance.random(2 * n) < 0.05)
        names = anchoring.periods([BlindDraw(draws[i], bool(b)) for i, b in zip(twice, blind, strict=True)])
        best = np.array(anchoring.most_informative_period(names, blind.tolist()))
        inside += holds_zero(kept[best], blind[best], twice[best])
        naive += holds_zero(kept, blind, twice)
    assert inside / 400 >= 0.93
    assert naive / 400 < 0.1


def holds_zero(kept: np.ndarray, blind: np.ndarray, groups: np.ndarray) -> bool:
    two = groups[~blind].tolist(), groups[blind].tolist()
    found = anchoring.difference(kept[~blind].tolist(), kept[blind].tolist(), two)
    return found.low <= 0 <= found.high


def test_one_decision_per_tweet_gives_newcombes_interval_and_repeated_tweets_do_not_narrow_it() -> None:
    one = anchoring.difference(
        [True] * 9 + [False], [True] * 3 + [False] * 7, (range(10), range(10))
    )  # his table II, (b)
    assert [round(bound, 4) for bound in (one.value, one.low, one.high)] == [0.6, 0.1705, 0.8090]
    twice = [True] * 18 + [False] * 2, [True] * 6 + [False] * 14
    groups = [i // 2 for i in range(20)]
    same = anchoring.difference(*twice, (groups, groups))
    assert one.low - 0.02 < same.low < one.low + 0.02


@pytest.mark.simulation
def test_the_page_says_how_to_measure_the_influence_if_it_is_unknown(app: AppTest, many: Store) -> None:
    review_under(many, 0.0, range(1, 41))
    app.switch_page("pages/reviewers.py").run()
    assert not app.exception
    assert "It is not known yet whether the sources influence decisions on train tweets." in words(app)
    assert "Set the share of train tweets decided blind to 50 %" in words(app)
    review_under(many, 0.5, range(41, 141))
    app.switch_page("pages/reviewers.py").run()
    assert not app.exception
    assert "These are first decisions, made while the share of blind tweets stayed the same." in words(app)
