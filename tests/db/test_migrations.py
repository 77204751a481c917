"""Tests of migrations: a store with any older schema opens with all its data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from db import batches, flags, generations, guidelines, overlap, rationales, summaries, synthetic
from db.decisions import NewDecision, add_decision, decision_log, undoable_decisions
from db.generations import Round, Written
from db.jobs import get_job
from db.predictions import best_predictions
from db.queue import next_ids, next_items
from db.queue_items import queue_items
from db.runs import get_run
from db.store import Store, open_store
from db.tweets import add_tweets, labelled_tweets
from emoclf.errors import StoreError
from emoclf.review.filters import Filter
from emoclf.review.seeded_draws import draw
from emoclf.synthetic.gate_results import GateResult
from emoclf.tweets import Tweet
from jobs.files.corpora import import_corpus
from tests.support.databases import database_at, fill_at, new_database

TWEET = "INSERT INTO tweets VALUES (1, 'k1', 'hi', 'h', 'train', 'imported', 'g', 16, '{}', '2026-11-01 10:00:00');\n"
ROWS_OF_0001 = """
INSERT INTO tweets VALUES (1, 'k1', 'so happy', 'h1', 'train', 'imported', 'g1', 16, '{}', '2026-11-01 10:00:00');
INSERT INTO decisions VALUES (1, 'e1', 1, 'ana', 'decide', 32, NULL, '{}', '{}', 2.5, '2026-11-01 10:01:00');
INSERT INTO queue VALUES (1, 'train', 0.5, 'joy', 1);
INSERT INTO runs VALUES (1, 'first', 'dir:x', 'approved', '{"epochs": 3}', 13, '0.1.0', 'abc', 'folder', '[0.5]', '[]',
                         '{"n": 0}', 12.5, '2026-11-01 11:00:00');
INSERT INTO run_tweets VALUES (1, 1, 'train', 16);
INSERT INTO predictions VALUES (1, 1, 0, '[0.1]', 16, '2026-11-01 11:01:00');
INSERT INTO jobs VALUES (1, 'train', '{}', 'done', 5, 5, 'done', 0, 7, 1.5, '2026-11-01 11:00:00', '{"run": 1}',
                         '2026-11-01 10:59:00', '2026-11-01 11:00:00', '2026-11-01 11:02:00');
"""

JOB = (
    "'{}', 'done', 5, 5, '', false, 7, 1.5, '2026-11-01 11:00:00', NULL, '2026-11-01 10:59:00', NULL, NULL, NULL, false"
)
ASKED = "1, 0, 'trust', 'news', '{}', 'qwen', 'write-1'"
BERT, JUDGE = [*[0.1] * 10, 0.2], [*[0.1] * 10, 0.9]
OF_TWEETS = "'train', 'synthetic', 'g', 1024, '{}', created_at FROM tweets WHERE id = 1"
SYNTHETIC_ROWS_OF_0011 = f"""{TWEET}
INSERT INTO tweets SELECT 2, 's0', 'a', 'h2', {OF_TWEETS};
INSERT INTO tweets SELECT 3, 's1', 'b', 'h3', {OF_TWEETS};
INSERT INTO tweets SELECT 4, 's2', 'c', 'h4', {OF_TWEETS};
INSERT INTO jobs VALUES (1, 'generate', {JOB});
INSERT INTO synthetic VALUES (2, {ASKED}, '["format", "duplicate", "bert", "judge"]', NULL, '', 1, 0.4, '{BERT}',
    '{JUDGE}', '{{"bert": "BERT (run 1)", "judge": "qwen"}}', NULL);
INSERT INTO synthetic VALUES (3, {ASKED}, '["format"]', 'language', 'it is not English', NULL, NULL, NULL, NULL, '{{}}',
    NULL);
INSERT INTO synthetic VALUES (4, {ASKED}, '["format"]', 'judge', 'the judge qwen cannot say', 1, 0.3, NULL, NULL,
    '{{"judge": "qwen"}}', NULL);
"""


@pytest.fixture
def upgraded(tmp_path: Path) -> Iterator[Store]:
    store = open_store(database_at("0001", ROWS_OF_0001, tmp_path))
    yield store
    store.close()


def test_a_store_of_schema_0001_keeps_its_rows_and_its_runs_keep_their_files(upgraded: Store) -> None:
    with upgraded.reading() as session:
        run, job = get_run(session), get_job(session, 1)
        [tweet] = labelled_tweets(session, ["train"])
        assert best_predictions(session, [1])[1].labels == {"joy"}
    assert (run.name, run.settings, run.promoted, run.files, run.calibration) == (
        "first",
        {"epochs": 3},
        False,
        True,
        None,
    )
    assert (job.state, job.result, job.detail, job.wrap_up_requested) == ("done", {"run": 1}, None, False)
    assert (tweet.labels, tweet.reviewer) == ({"love"}, "ana")


def test_after_an_upgrade_decisions_still_cannot_be_changed(upgraded: Store) -> None:
    with pytest.raises(StoreError, match="only ever added"), upgraded.writing() as session:
        session.execute(text("UPDATE decisions SET reviewer = 'eve'"))


def test_the_database_itself_refuses_a_second_promoted_run(upgraded: Store) -> None:
    copy = (
        "INSERT INTO runs SELECT 2, name, base, labels, settings, seed, code_version, data_hash, folder, thresholds, "
    )
    copy += "history, metrics, seconds, created_at, promoted, files, calibration FROM runs"
    with upgraded.writing() as session:
        session.execute(text(copy))
        session.execute(text("UPDATE runs SET promoted = 1 WHERE id = 1"))
    with pytest.raises(StoreError, match="UNIQUE"), upgraded.writing() as session:
        session.execute(text("UPDATE runs SET promoted = 1 WHERE id = 2"))


def test_a_store_of_schema_0002_keeps_its_tweets_and_can_take_a_corpus(tmp_path: Path) -> None:
    store = open_store(database_at("0002", TWEET, tmp_path))
    (tmp_path / "moods.tsv").write_text("so quiet\t0\nwhat a din\t1\n")
    assert import_corpus(store, tmp_path / "moods.tsv", "moods", ("calm", "cross"))["imported"] == 2
    with store.reading() as session:
        assert summaries.sizes(session) == {"train": 1}
    store.close()


def test_a_store_of_schema_0003_keeps_its_tweets_and_can_take_a_rationale(tmp_path: Path) -> None:
    store = open_store(database_at("0003", TWEET, tmp_path))
    with store.writing() as session:
        rationales.add_rationale(session, 1, "qwen", "explain-1", frozenset({"joy"}), '"hi" is glad.')
    with store.reading() as session:
        assert rationales.latest_rationales(session, [1])[1].text == '"hi" is glad.'
        assert summaries.sizes(session) == {"train": 1}
    store.close()


def test_a_store_of_schema_0004_keeps_its_decisions_and_lets_a_second_reviewer_in(tmp_path: Path) -> None:
    rows = (
        TWEET
        + "INSERT INTO decisions VALUES (1, 'e', 1, 'ana', 'decide', 32, NULL, '{}', '{}', 2, '2026-11-01 10:01:00');\n"
        "INSERT INTO queue VALUES (1, 'train', 0.5, 'joy', 1);\n"
    )
    store = open_store(database_at("0004", rows, tmp_path))
    with store.writing() as session:
        add_decision(session, NewDecision("e2", 1, "ben", frozenset({"joy"})))
        assert overlap.shared(session) == {1: {"ana": {"love"}, "ben": {"joy"}}}
    store.close()


def test_a_store_of_schema_0005_keeps_its_decisions_and_its_tweets_can_be_flagged(tmp_path: Path) -> None:
    rows = TWEET + "INSERT INTO queue VALUES (1, 'train', 0.5, 'joy', NULL);\n"
    store = open_store(database_at("0005", rows, tmp_path))
    with store.writing() as session:
        flags.add_flag(session, "f1", 1, "ana", "sarcasm?")
        assert flags.flags(session, [1])[1].comment == "sarcasm?"
    store.close()


def test_a_store_of_schema_0006_keeps_its_tweets_and_can_take_synthetic_ones(tmp_path: Path) -> None:
    rows = (
        TWEET
        + "INSERT INTO jobs VALUES (1, 'generate', '{}', 'done', 5, 5, 'done', 0, 7, 1.5, '2026-11-01 11:00:00', NULL, "
        "'2026-11-01 10:59:00', '2026-11-01 11:00:00', '2026-11-01 11:02:00', NULL, 0);\n"
    )
    store = open_store(database_at("0006", rows, tmp_path))
    brought = Round(1, 0, "qwen", "write-1", [], {}, 5, ["1. what a surprise"])
    with store.writing() as session:
        one = Written(
            "what a surprise", frozenset({"surprise"}), "surprise", "aspirations", {}, [GateResult("format", True)]
        )
        generations.add_round(session, brought, [one])
    with store.reading() as session:
        [tweet] = synthetic.all_items(session)
        assert (tweet.text, tweet.state) == ("what a surprise", "waiting")
        assert summaries.sizes(session) == {"train": 1}
    store.close()


def test_a_store_of_schema_0008_keeps_its_decisions_and_lists_its_tweets_at_random(tmp_path: Path) -> None:
    rows = (
        TWEET
        + "INSERT INTO tweets VALUES (2, 'k2', 'ho', 'i', 'train', 'imported', 'j', 16, '{}', '2026-11-01 10:00:00');\n"
        "INSERT INTO decisions VALUES (1, 'e', 1, 'a', 'decide', 32, NULL, '{}', '{}', 2, '2026-11-01 10:01:00', 0);\n"
        "INSERT INTO queue (tweet_id, split, doubt, decision_id) VALUES (1, 'train', 0.5, 1), (2, 'train', 0, NULL);\n"
    )
    store = open_store(database_at("0008", rows, tmp_path))
    with store.reading() as session:
        assert [row["blind"] for row in decision_log(session)] == [False]
        assert [item.tweet_id for item in next_items(session, Filter(), "random")] == [2]
        places = session.scalars(text("SELECT place FROM queue ORDER BY tweet_id")).all()
        assert places == [draw("k1", "order"), draw("k2", "order")]
    store.close()


def test_a_store_of_schema_0009_keeps_its_decisions_which_are_older_than_any_guideline(tmp_path: Path) -> None:
    rows = (
        TWEET
        + "INSERT INTO decisions VALUES (1, 'e', 1, 'a', 'decide', 32, NULL, '{}', '{}', 2, '2026-11-01 10:01:00', 0, "
        "0, 0);\n"
        "INSERT INTO queue (tweet_id, split, doubt, decision_id) VALUES (1, 'train', 0.5, 1);\n"
    )
    store = open_store(database_at("0009", rows, tmp_path))
    with store.reading() as session:
        [row] = decision_log(session)
        assert (row["labels"], row["guidelines"]) == ("love", None)
        assert [item.tweet_id for item in next_items(session, Filter(outdated="joy"))] == [1]
        assert guidelines.version(session) == 0
    store.close()


def test_a_store_of_schema_0010_keeps_its_decisions_as_a_persons_own_and_can_take_a_batch(tmp_path: Path) -> None:
    rows = (
        TWEET
        + "INSERT INTO tweets VALUES (2, 'k2', 'ho', 'i', 'train', 'imported', 'j', 16, '{}', '2026-11-01 10:00:00');\n"
        "INSERT INTO decisions VALUES (1, 'e', 1, 'a', 'decide', 32, NULL, '{}', '{}', 2, '2026-11-01 10:01:00', 0, "
        "0, 0, 0);\n"
        "INSERT INTO queue (tweet_id, split, doubt, decision_id, original) VALUES (1, 'train', 0.5, 1, 16), "
        "(2, 'train', 0, NULL, 16);\n"
    )
    store = open_store(database_at("0010", rows, tmp_path))
    with store.writing() as session:
        assert [(row["labels"], row["batch"]) for row in decision_log(session)] == [("love", None)]
        assert [one.event_id for one in undoable_decisions(session, "a")] == ["e"]
        assert batches.listed(session, Filter(), "original") == [(2, "k2", {"joy"})]
        about = {"token": "t", "query": {}, "source": "original", "guidelines": 0, "reviewer": "a"}
        number = batches.add(session, name="rest", tweets=1, sample=1, **about)
        batches.add_tweets(session, number, [(2, "k2", frozenset({"joy"}))], {"k2"})
        assert [one.tweet_id for one in next_items(session, Filter(sample=str(number)))] == [2]
    store.close()


@pytest.fixture
def old_synthetic(tmp_path: Path) -> Iterator[Store]:
    with new_database(tmp_path) as url:
        fill_at(url, "0011", SYNTHETIC_ROWS_OF_0011)
        store = open_store(url)
        yield store
        store.close()


def test_a_store_of_schema_0011_keeps_what_each_gate_found_as_a_row(old_synthetic: Store) -> None:
    with old_synthetic.reading() as session:
        first, second, third = synthetic.all_items(session)
        assert synthetic.drops(session) == {"judge": 1, "language": 1}
        assert [one.tweet_id for one in synthetic.found_in(session, "dropped", "trust")] == [3, 4]
    assert [(one.state, one.dropped, one.reason) for one in (first, second, third)] == [
        ("waiting", None, ""),
        ("dropped", "language", "it is not English"),
        ("dropped", "judge", "the judge qwen cannot say"),
    ]
    assert (first.passed, first.nearest, first.closeness) == (["format", "duplicate", "bert", "judge"], "hi", 0.4)
    bert, judge = first.gates[2:]
    assert bert == GateResult("bert", True, 0.2, "", {"reader": "BERT (run 1)", "probabilities": BERT})
    assert judge == GateResult("judge", True, 0.9, "", {"reader": "qwen", "probabilities": JUDGE})
    assert second.gates == [GateResult("format", True), GateResult("language", False, None, "it is not English")]
    assert third.gates[-1] == GateResult("judge", False, None, "the judge qwen cannot say", {"reader": "qwen"})


ROWS_OF_0012 = (
    TWEET
    + "INSERT INTO tweets VALUES (2, 'k2', 'late bus', 'i', 'dev', 'imported', 'j', 0, '{}', '2026-11-01 10:00:00');\n"
    "INSERT INTO decisions VALUES (1, 'e', 1, 'a', 'decide', 32, NULL, '{}', '{}', 2, '2026-11-01 10:01:00', false, "
    "false, false, 0, NULL);\n"
    "INSERT INTO queue (tweet_id, split, doubt, decision_id, original, place) VALUES (1, 'train', 0.5, 1, 16, 0.25), "
    "(2, 'dev', 0.1, NULL, 0, 0.5);\n"
)


@pytest.fixture
def before_unlabelled(tmp_path: Path) -> Iterator[Store]:
    with new_database(tmp_path) as url:
        fill_at(url, "0012", ROWS_OF_0012)
        store = open_store(url)
        yield store
        store.close()


def test_a_store_of_schema_0012_keeps_its_originals_and_takes_tweets_without_labels(before_unlabelled: Store) -> None:
    store = before_unlabelled
    with store.writing() as session:
        add_tweets(session, [Tweet("k3", "a bus without labels", None)])
    with store.reading() as session:
        originals = {item.key: item.original for item in queue_items(session, [1, 2, 3])}
        assert originals == {"k1": {"joy"}, "k2": frozenset(), "k3": None}
        assert next_ids(session, Filter(text="bus"), "as imported", 9) == [3]  # the index of words goes on
        assert next_ids(session, Filter("dev", text="late"), "as imported", 9) == [2]
        assert next_ids(session, Filter(decided="yes", source="original", emotion="joy"), "as imported", 9) == [1]


def test_a_store_of_schema_0012_keeps_its_guards_and_foreign_keys(before_unlabelled: Store) -> None:
    store = before_unlabelled
    with pytest.raises(StoreError, match="only ever added"), store.writing() as session:
        session.execute(text("UPDATE decisions SET reviewer = 'eve'"))
    with pytest.raises(StoreError, match=r"(?i)foreign key"), store.writing() as session:
        session.execute(text("DELETE FROM tweets WHERE id = 1"))
