"""Tests of undoing and moving an import: nothing that a person decided or a run reported loses its tweets."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from db import batches, flags, generations, imports, leases, queue, rationales, summaries
from db.decisions import decision_log
from db.jobs import add_job, end_job, get_job
from db.predictions import add_predictions
from db.store import Store
from db.suggestions import add_suggestions
from db.tables.annotations import FlagRow
from db.tables.core import PredictionRow, QueueRow, RationaleRow, RunTweetRow, SuggestionRow, TweetRow
from db.tweets import training_tweets
from emoclf.errors import NotFoundError, SettingError
from emoclf.files.reading import Reading
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from jobs.doubts import ranking
from jobs.files import import_changes
from jobs.files.imports import import_file
from jobs.review import assignment, review_card
from tests.support.command_line import answer
from tests.support.decisions import card_data, decide, flag, undo
from tests.support.runs import add_run
from tests.support.tweet_files import record, write

EVEN = [0.5] * len(EMOTIONS)
JOY = frozenset({"joy"})


def tweets_file(folder: Path, name: str, n: int, prefix: str) -> Path:
    return write(
        folder / name,
        *(record(f"{prefix} tweet number {i}", ["joy", "fear"][i % 2], f"{prefix}{i}") for i in range(n)),
    )


def ids(store: Store, number: int | None = None) -> list[int]:
    """The ids of the tweets, of one import or of all."""
    rows = select(TweetRow.id).order_by(TweetRow.id)
    with store.reading() as session:
        return list(session.scalars(rows if number is None else rows.where(TweetRow.import_id == number)))


@pytest.fixture
def two(store: Store, tmp_path: Path) -> Store:
    """Import 1 with the tweets 1 to 6 in train, and import 2 with the tweets 7 to 10 in dev."""
    import_file(store, tweets_file(tmp_path, "a.csv", 6, "a"), by="ana")
    import_file(store, tweets_file(tmp_path, "dev.csv", 4, "d"), by="ben")
    return store


def test_an_import_records_its_file_who_when_and_what(two: Store) -> None:
    second, first = import_changes.listing(two)
    assert (first.id, first.file, first.imported_by, first.tweets, first.left) == (1, "a.csv", "ana", 6, 6)
    assert (second.file, second.imported_by, second.split) == ("dev.csv", "ben", "dev, from the file name")
    assert len(first.sha256) == 64
    assert first.named.startswith("import 1 (a.csv, 20")
    assert (ids(two, 1), ids(two, 2)) == ([1, 2, 3, 4, 5, 6], [7, 8, 9, 10])


def test_an_import_without_a_name_is_by_the_user_of_the_computer(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    import_file(store, tweets_file(tmp_path, "a.csv", 1, "a"))
    assert import_changes.listing(store)[0].imported_by == "grace"


def test_the_same_file_is_recognised_under_another_name_and_adds_no_record(two: Store, tmp_path: Path) -> None:
    again = import_file(two, (tmp_path / "a.csv").rename(tmp_path / "b.csv"))
    assert again["import"] is None
    assert again["words"][-1].startswith("It is the same file as import 1 (a.csv, ")
    assert len(import_changes.listing(two)) == 2


def test_an_undo_removes_the_tweets_of_the_import_and_all_that_is_derived_from_them(two: Store) -> None:
    run = add_run(two)
    with two.writing() as session:
        add_suggestions(session, "qwen", "1", [(i, EVEN) for i in ids(two)])
        add_predictions(session, run, [(i, EVEN, JOY) for i in ids(two)], out_of_fold=True)
        rationales.add_rationale(session, 1, "qwen", "1", JOY, "it laughs")
        leases.take(session, [1, 2], "ana")
        for i in (1, 7):
            flags.add_flag(session, f"f{i}", i, "ana", "look")
    answer = import_changes.undo(two, 1, "ben")
    assert (answer["removed"], answer["stay"]) == (6, 0)
    assert answer["words"] == [
        "6 tweets were removed, and with them 6 suggestions, 6 predictions, 1 rationale and 1 flag."
    ]
    with two.reading() as session:
        for row in (TweetRow.id, QueueRow.tweet_id, SuggestionRow.tweet_id, PredictionRow.tweet_id):
            assert sorted(session.scalars(select(row))) == [7, 8, 9, 10]
        assert list(session.scalars(select(RationaleRow.tweet_id))) == []
        assert list(session.scalars(select(FlagRow.tweet_id))) == [7]
        assert summaries.sizes(session) == {"dev": 4}
    first = import_changes.listing(two)[-1]
    assert (first.undone_by, first.left, first.tweets) == ("ben", 0, 6)


def test_decided_tweets_and_those_of_a_run_stay_and_the_answer_says_why(two: Store) -> None:
    run = add_run(two, tweets=[(2, "train", JOY), (3, "slice", JOY), (7, "dev", JOY)])
    review_card.save_events(two, "ana", [decide("e1", 1, "joy"), decide("e2", 2, "joy"), decide("e3", 4, "joy")])
    review_card.save_events(two, "ana", [undo("u3", "e3")])  # a decision that was undone is in the log as well
    plan = import_changes.plan(two, 1)
    answer = import_changes.undo(two, 1, "ana")
    assert answer["words"] == [
        "2 tweets were removed.",
        f"4 tweets stay: 3 decided by a reviewer or in a batch and 1 used by run {run}.",
    ]
    assert plan.words == " ".join(answer["words"]).replace("were removed", "will be removed")
    assert ids(two, 1) == [1, 2, 3, 4]
    add_run(two, tweets=[(i, "dev", JOY) for i in (8, 9, 10)])
    with pytest.raises(SettingError, match=r"import 2 .* cannot be undone") as told:
        import_changes.undo(two, 2, "ana")
    assert "4 tweets stay: 4 used by runs 1 and 2." in str(told.value)


def test_tweets_of_a_batch_stay_unless_it_was_given_up(many: Store) -> None:
    from tests.support.batches import accepted, drawn

    accepted(many, source="prediction")  # decides the tweets 1 to 40
    open_one = drawn(many, name="open")  # the tweets 41 to 60 of 1 to 60
    with many.writing() as session:
        number = imports.add_import(
            session, file="a.csv", sha256="x", imported_by="ana", split="train", tweets=100, unchanged=0, rejected=0
        )
        session.execute(TweetRow.__table__.update().values(import_id=number))
    assert import_changes.plan(many, number).removal.stay == {"decided": 40, "in a batch": 20}
    with many.writing() as session:
        batches.record(session, open_one, state="dropped")
    assert import_changes.undo(many, number, "ana")["why"] == {"decided": 40}
    assert ids(many) == list(range(1, 41))


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happened_to_the_tweets_an_undo_removes_exactly_those_that_nobody_used(
    store: Store, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    for name in ("a", "b"):
        import_file(store, tweets_file(tmp_path, f"{name}.csv", 12, name))
    every = ids(store)
    decided, run, flagged, suggested = (set(rng.sample(every, rng.randint(0, 10))) for _ in range(4))
    review_card.save_events(store, "ana", [decide(f"e{i}", i, "joy") for i in sorted(decided)])
    review_card.save_events(store, "ana", [flag(f"f{i}", i, "hm") for i in sorted(flagged)])
    add_run(store, tweets=[(i, rng.choice(["train", "slice", "dev"]), JOY) for i in sorted(run)])
    with store.writing() as session:
        add_suggestions(session, "qwen", "1", [(i, EVEN) for i in sorted(suggested)])
    with store.reading() as session:
        before = list(decision_log(session))
    number = rng.choice([1, 2])
    stay = {i for i in every if i in decided | run or i not in ids(store, number)}
    if len(stay) < len(every):
        answer = import_changes.undo(store, number, "ana")
        assert answer["removed"] == len(every) - len(stay)
    assert set(ids(store)) == stay
    with store.reading() as session:
        assert list(decision_log(session)) == before
        assert set(session.scalars(select(QueueRow.tweet_id))) == stay
        assert set(session.scalars(select(FlagRow.tweet_id))) == flagged & stay
        assert set(session.scalars(select(SuggestionRow.tweet_id))) == suggested & stay
        assert set(session.scalars(select(RunTweetRow.tweet_id))) == run
        assert len(queue.next_items(session, Filter(), "as imported", 99)) == len(stay - decided)


def test_twins_of_removed_tweets_are_trained_on_again_and_are_no_twins_any_more(store: Store, tmp_path: Path) -> None:
    import_file(store, write(tmp_path / "train.csv", record("so happy today #joy", key="a"), record("rain", key="b")))
    import_file(store, write(tmp_path / "dev.csv", record("so happy today", key="c")))
    with store.reading() as session:
        assert [tweet.key for tweet in training_tweets(session)] == ["b"]
    import_changes.undo(store, 2, "ana")
    with store.reading() as session:
        assert [tweet.key for tweet in training_tweets(session)] == ["a", "b"]
        assert summaries.counts(session, "train").twins == 0


def test_the_same_file_can_be_imported_again_after_an_undo(two: Store, tmp_path: Path) -> None:
    import_changes.undo(two, 1, "ana")
    again = import_file(two, tmp_path / "a.csv")
    assert (again["import"], again["imported"], again["words"]) == (3, 6, [])
    with pytest.raises(SettingError, match=r"import 1 .* was undone by ana on 20"):
        import_changes.undo(two, 1, "ana")


def test_an_id_is_never_used_again_so_a_late_decision_cannot_reach_another_tweet(two: Store, tmp_path: Path) -> None:
    import_changes.undo(two, 2, "ben")
    import_file(two, tweets_file(tmp_path, "new.csv", 4, "n"))
    assert ids(two) == [1, 2, 3, 4, 5, 6, 11, 12, 13, 14]
    saved = review_card.save_events(two, "ana", [decide("e1", 8, "joy"), flag("f1", 9, "hm"), decide("e2", 1, "joy")])
    assert saved.acknowledged == ["e2"]
    assert [one.event_id for one in saved.refused] == ["e1", "f1"]
    why = saved.refused[0].why
    assert why.startswith("the tweet is no longer in the store: ben undid the import of dev.csv on 20")
    assert why.endswith("and the tweet was removed with it")


def test_a_synthetic_tweet_does_not_get_the_id_of_a_removed_tweet(two: Store) -> None:
    import_changes.undo(two, 2, "ben")
    with two.writing() as session:
        job = add_job(session, "generate", {})
        asked = generations.Round(job, 0, "qwen", "1", [], {}, 1, [])
        generations.add_round(session, asked, [generations.Written("so proud", JOY, "joy", "news", {}, ())])
        end_job(session, get_job(session, job), "done", "done")
    assert ids(two)[-1] == 11


def test_a_synthetic_tweet_whose_nearest_real_tweet_is_removed_has_none(two: Store) -> None:
    from db import synthetic

    with two.writing() as session:
        job = add_job(session, "generate", {})
        asked = generations.Round(job, 0, "qwen", "1", [], {}, 1, [])
        written = generations.Written("so proud", JOY, "joy", "news", {}, (), nearest_id=1, closeness=0.9)
        generations.add_round(session, asked, [written])
        end_job(session, get_job(session, job), "done", "done")
    import_changes.undo(two, 1, "ben")
    with two.reading() as session:
        [one] = synthetic.found_in(session)
    assert (one.nearest, one.closeness) == (None, None)


def test_a_tweet_that_is_removed_while_a_card_is_filled_is_left_out_of_the_card(
    two: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = assignment.queue_items

    def then_undone(*arguments: object) -> object:
        found = read(*arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(assignment, "queue_items", read)
        import_changes.undo(two, 1, "ben")
        return found

    monkeypatch.setattr(assignment, "queue_items", then_undone)
    assert card_data(two, "ana", Filter(), "as imported", total=6)["tweets"] == []


def test_an_undo_that_fails_changes_nothing(two: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise IntegrityError("", {}, ValueError("no"))

    with two.writing() as session:
        add_suggestions(session, "qwen", "1", [(1, EVEN)])
    monkeypatch.setattr(imports, "record_undo", broken)
    with pytest.raises(Exception, match="cannot do that"):
        import_changes.undo(two, 1, "ana")
    assert len(ids(two)) == 10
    with two.reading() as session:
        assert session.scalar(select(func.count()).select_from(SuggestionRow)) == 1


@pytest.mark.parametrize("change", [import_changes.undo, lambda store, n, by: import_changes.move(store, n, "dev", by)])
def test_while_a_job_works_on_tweets_no_import_is_undone_or_moved(
    two: Store, change: Callable[[Store, int, str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    with two.writing() as session:
        add_job(session, "train", {})
    monkeypatch.setattr("jobs.runner.find_lost", lambda store: None)
    with pytest.raises(SettingError, match=r"job 1 \(training\) works on tweets now; stop it, or wait"):
        change(two, 1, "ana")
    assert len(ids(two, 1)) == 6


def test_an_unknown_import_gives_a_sentence(store: Store) -> None:
    with pytest.raises(NotFoundError, match="there is no import 7; `cli"):
        import_changes.undo(store, 7, "ana")


def test_tweets_of_a_store_made_before_imports_were_recorded_are_in_no_import(filled: Store, tmp_path: Path) -> None:
    import_file(filled, tweets_file(tmp_path, "a.csv", 2, "a"))
    import_changes.undo(filled, 1, "ana")
    assert ids(filled) == [1, 2, 3, 4]


def test_a_move_takes_the_tweets_to_another_split_in_queue_and_training(two: Store) -> None:
    review_card.save_events(two, "ana", [decide("e1", 1, "fear")])
    answer = import_changes.move(two, 1, "dev", "ana")
    assert (answer["moved"], answer["words"]) == (6, ["6 tweets moved to dev."])
    with two.reading() as session:
        assert summaries.sizes(session) == {"dev": 10}
        assert training_tweets(session) == []
        assert len(queue.next_items(session, Filter(split="dev"), "as imported", 99)) == 9
        assert summaries.decided(session, "dev") == 1
    assert import_changes.listing(two)[-1].split == "dev, moved by ana from train"
    with pytest.raises(SettingError, match=r"the tweets of import 1 .* are in dev already"):
        import_changes.move(two, 1, "dev", "ana")


def test_a_tweet_that_waits_for_a_second_reviewer_moves_too(two: Store) -> None:
    from db import overlap, shares

    with two.writing() as session:
        shares.set_overlap(session, 1.0)
    review_card.save_events(two, "ana", [decide("e1", 1, "fear")])
    import_changes.move(two, 1, "test", "ana")
    with two.reading() as session:
        assert overlap.waiting(session, Filter(split="test"), "ben", 5) == [1]


def test_a_move_to_dev_says_how_many_twins_training_then_leaves_out(store: Store, tmp_path: Path) -> None:
    import_file(store, write(tmp_path / "train.csv", record("so happy today #joy", key="a")))
    import_file(store, write(tmp_path / "more.csv", record("so happy today", key="c")))
    answer = import_changes.move(store, 2, "dev", "ana")
    assert answer["words"][1:] == ["Training leaves out 1 tweet more, since a twin is in dev or test now."]


@pytest.mark.parametrize("role", ["train", "slice", "dev"])
def test_once_a_run_used_a_tweet_its_import_is_not_moved(two: Store, role: str) -> None:
    run = add_run(two, tweets=[(3, role, JOY)])
    with pytest.raises(SettingError, match=f"stay in train: run {run} trained or scored on some of them"):
        import_changes.move(two, 1, "dev", "ana")
    assert len(ids(two, 1)) == 6


def test_tweets_in_the_list_of_an_unfinished_batch_are_not_moved(many: Store) -> None:
    from tests.support.batches import drawn

    drawn(many)
    with many.writing() as session:
        number = imports.add_import(
            session, file="a.csv", sha256="x", imported_by="ana", split="train", tweets=100, unchanged=0, rejected=0
        )
        session.execute(TweetRow.__table__.update().values(import_id=number))
    with pytest.raises(SettingError, match="the batch happy ones has tweets of import 1"):
        import_changes.move(many, number, "dev", "ana")


def test_doubts_are_computed_again_after_an_undo_and_a_move(two: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    refreshed: list[Store] = []
    monkeypatch.setattr(ranking, "refresh", refreshed.append)
    import_changes.move(two, 2, "test", "ana")
    assert refreshed == []  # none were ever computed
    with two.writing() as session:
        queue.set_rank_inputs(session, [queue.RankInputs(1, 0.5, "joy", 0.0, None, None)])
    import_changes.move(two, 2, "dev", "ana")
    import_changes.undo(two, 2, "ana")
    assert refreshed == [two, two]


def test_the_command_line_lists_undoes_and_moves(two: Store, capsys: pytest.CaptureFixture[str]) -> None:
    listed = answer(capsys, "imports")["imports"]
    assert [(one["id"], one["file"], one["imported_by"], one["left"]) for one in listed] == [
        (2, "dev.csv", "ben", 4),
        (1, "a.csv", "ana", 6),
    ]
    assert answer(capsys, "imports", "--move", "1", "--to", "test", "--by", "cleo")["moved"] == 6
    assert answer(capsys, "imports", "--undo", "1", "--by", "cleo")["removed"] == 6
    assert answer(capsys, "imports")["imports"][1]["undone_by"] == "cleo"


def suggested(path: Path, *rows: tuple[str, list[str]], key: str = "a") -> Path:
    """Write Argilla records without responses, with these texts and suggestions."""
    records = [
        {"id": f"{key}{n}", "text": text, "e.responses": [], "e.suggestion": labels, "e.suggestion.agent": "m"}
        for n, (text, labels) in enumerate(rows)
    ]
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return path


def suggestions_of(store: Store) -> list[int]:
    with store.reading() as session:
        return sorted(session.scalars(select(SuggestionRow.tweet_id)))


def test_an_undo_takes_back_the_suggestions_that_the_import_gave_to_older_tweets(two: Store, tmp_path: Path) -> None:
    rows = [(f"a tweet number {n}", ["joy"]) for n in range(3)]
    only = import_file(two, suggested(tmp_path / "train.jsonl", *rows))["import"]
    more = import_file(two, suggested(tmp_path / "train2.jsonl", ("a fresh one", ["fear"]), key="n"))["import"]
    assert suggestions_of(two) == [1, 2, 3, 11]
    assert import_file(two, suggested(tmp_path / "again.jsonl", *rows))["import"] is None
    review_card.save_events(two, "ana", [decide("e1", 2, "joy")])
    plan = import_changes.plan(two, only)
    assert plan.words == (
        "2 suggestions for tweets of other imports will be taken back. "
        "Suggestions for 1 tweet of other imports stay, since people or runs used these tweets."
    )
    assert import_changes.undo(two, only, "ben")["suggestions_taken_back"] == 2
    assert suggestions_of(two) == [2, 11]  # a person decided on tweet 2
    assert import_changes.undo(two, more, "ben")["removed"] == 1
    with pytest.raises(SettingError, match="cannot be undone"):
        import_changes.undo(two, only, "ben")


def test_suggestions_of_an_earlier_version_are_named_since_their_import_is_unknown(two: Store, tmp_path: Path) -> None:
    number = import_file(two, suggested(tmp_path / "train.jsonl", ("a fresh one", ["fear"]), key="n"))["import"]
    with two.writing() as session:
        add_suggestions(session, "m in Argilla", "imported, yes or no", [(1, EVEN)])
    plan = import_changes.plan(two, number)
    assert plan.words.endswith(
        "Suggestions for 1 tweet of other imports stay; an earlier version did not note whether this import gave them."
    )


def test_the_plan_names_labels_that_a_later_import_gave_to_the_tweets(store: Store, tmp_path: Path) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text("id,text\na0,a tweet number 0\na1,a tweet number 1\n", encoding="utf-8")
    first = import_file(store, plain, reading=Reading(unlabelled=True))["import"]
    later = import_file(store, tweets_file(tmp_path, "a.csv", 2, "a"))
    assert later["labels_added"] == 2
    words = f"2 tweets will be removed, and with them the labels that import {later['import']} gave to 2 of them."
    assert import_changes.plan(store, first).words == words
    assert import_changes.undo(store, first, "ana")["words"] == [words.replace("will be", "were")]


def test_the_command_line_says_what_an_undo_would_remove(two: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "imports", "--undo", "1", "--dry-run")["words"] == ["6 tweets will be removed."]
    assert len(ids(two)) == 10
