"""Tests that labels accepted in bulk count for no reviewer, and that every output marks them."""

import json
from pathlib import Path

import pytest

from db import flags, guidelines, overlap, shares, summaries
from db.decisions import decision_log, undoable_decisions
from db.queue import next_items
from db.store import Store
from emoclf.progress import drain
from emoclf.review.filters import Filter
from jobs.files.exports import export
from jobs.review import guidelines as guiding
from jobs.review import review_card, reviewers
from jobs.review.side_panel import annotations
from jobs.review.undo import undo
from jobs.training.lineage import lineage
from tests.support.batches import HAPPY, SIZE, accepted, in_force, sample_of
from tests.support.decisions import card_data, decide
from tests.support.decisions import undo as undone_by_hand
from tests.support.guidelines import GUIDELINE
from tests.support.runs import as_rows, run_now


def of_batch(store: Store) -> list[int]:
    return [i for i, (_, batch) in in_force(store).items() if batch]


def one_of_it(store: Store) -> int:
    return of_batch(store)[0]


def test_undo_reverts_the_reviewers_own_decisions_and_never_those_of_a_batch(many: Store) -> None:
    number = accepted(many)
    with many.reading() as session:
        history = undoable_decisions(session, "ana", 100)
        [event] = [row["event_id"] for row in decision_log(session) if row["batch"]][:1]
    assert sorted(one.tweet_id for one in history) == sample_of(many, number)
    saved = review_card.save_events(many, "ana", [undone_by_hand("u1", event)])
    assert saved.refused[0].why == f"there is no decision {event} of ana to undo"


def test_the_figures_of_a_reviewer_are_those_of_the_sample_alone(many: Store) -> None:
    accepted(many)
    with many.writing() as session:
        [one] = reviewers.work_done(reviewers.reviewers.judged(session))
        assert summaries.reviewers(session) == [("ana", SIZE)]
        assert (summaries.changed(session), summaries.accepted(session)) == (SIZE, 50)
        assert summaries.decided(session, "train") == SIZE + 50
        assert shares.log_length(session, "ana") == SIZE
    assert (one.decisions, one.seconds, one.follows) == (SIZE, 4.0, False)
    assert reviewers.repairs(many, "train")["love"].reviewed == SIZE


def test_undoing_a_batch_does_not_count_as_reviewing(many: Store) -> None:
    drain(undo(many, accepted(many), "cem"))
    with many.reading() as session:
        assert summaries.reviewers(session) == [("ana", SIZE)]
        assert shares.log_length(session, "cem") == 0


def test_a_batch_does_not_count_as_a_second_reviewer_and_needs_none(many: Store) -> None:
    with many.writing() as session:
        shares.set_overlap(session, 1.0)
    accepted(many)
    review_card.save_events(many, "ben", [decide("b1", one_of_it(many), "anger")])
    with many.reading() as session:
        assert overlap.shared(session) == {}
        assert sorted(overlap.waiting(session, Filter(), "cem", 100)) == sorted(
            i for i, (_, batch) in in_force(many).items() if batch is None
        )


def test_the_estimate_of_wrong_labels_ends_at_the_first_tweet_that_a_batch_accepted(many: Store) -> None:
    with many.reading() as session:
        order = [item.tweet_id for item in next_items(session, Filter(), "random", 100)]
    review_card.save_events(many, "ben", [decide(f"b{i}", i, "joy", by_chance=True) for i in order[:20]])
    number = accepted(many)
    after = next(place for place, i in enumerate(order) if i in of_batch(many))
    review_card.save_events(many, "ben", [decide("b-late", order[-1], "anger", by_chance=True)])
    decided = in_force(many)
    assert after >= 20
    with many.reading() as session:
        found = shares.random_prefix(session, "train")
    assert len(found.pairs) == sum(i in decided for i in order[:after])
    assert found.missing == after - len(found.pairs)
    assert reviewers.repairs(many, "train")["joy"].ends
    drain(undo(many, number, "ana"))
    assert not reviewers.repairs(many, "train")["joy"].ends


def test_a_reviewer_decides_a_tweet_of_a_batch_without_a_conflict_message(many: Store) -> None:
    accepted(many)
    late = decide("b1", one_of_it(many), "anger", seen=None)  # it was on ben's screen before the batch
    assert review_card.save_events(many, "ben", [late]).refused == []


def test_lists_by_reviewer_leave_a_batch_out_and_a_list_of_its_own_holds_it(many: Store) -> None:
    number = accepted(many)
    asked = {"reviewer": "ana"}, {"batch": str(number)}
    with many.reading() as session:
        by_ana, by_batch = ([item.tweet_id for item in next_items(session, Filter(**one), limit=99)] for one in asked)
    assert sorted(by_ana) == sample_of(many, number)
    assert sorted(by_batch) == sorted(of_batch(many))


def test_the_history_of_a_tweet_and_a_link_to_it_name_the_batch(many: Store) -> None:
    number, tweet = accepted(many), 0
    tweet = one_of_it(many)
    shown = card_data(many, "ben", HAPPY, "random", 60, first=review_card.linked(many, f"k{tweet}"))
    in_force = shown["tweets"][0]["in_force"]
    assert (in_force["reviewer"], in_force["batch"], in_force["labels"]) == ("ana", "happy ones", ["love"])
    drain(undo(many, number, "ana"))
    with many.reading() as session:
        [past] = flags.pasts(session, [tweet])[tweet]
        [line] = annotations(session, {tweet: ["joy"]}, [])[tweet].history
    assert (past.batch, past.undone) == ("happy ones", True)
    assert (line.by, line.undone) == ("ana in the batch happy ones", True)


def test_lineage_traces_a_label_to_its_batch(many: Store) -> None:
    before = run_now(many)
    number = accepted(many)
    found = lineage(many, run_now(many), before, "love")
    sources = {(source, by) for _, _, source, by in as_rows(found.changes)}
    assert sources == {("reviewer", "ana"), ("batch", "happy ones")}
    assert found.counts()["batch", "happy ones"] == (50, 0)
    assert "accepted in the batch happy ones: 50 added, 0 removed" in found.in_words()
    drain(undo(many, number, "ana"))
    assert lineage(many, run_now(many), before, "love").counts() == {("reviewer", "ana"): (SIZE, 0)}


@pytest.mark.parametrize("what", ["decisions", "approved", "everything"])
def test_exports_name_the_batch(many: Store, tmp_path: Path, what: str) -> None:
    accepted(many)
    export(many, tmp_path / "out.jsonl", what)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert sorted(row["ID"] for row in rows if row["batch"] == "happy ones") == sorted(f"k{i}" for i in of_batch(many))


def test_an_edited_guideline_offers_tweets_accepted_under_the_older_text_again(many: Store) -> None:
    accepted(many)
    guiding.edit(many, "love", GUIDELINE, "ana", 0)
    with many.reading() as session:
        assert guidelines.version(session) == 1
    assert [one.found for one in guiding.touched(many, "love")] == [SIZE + 50]
