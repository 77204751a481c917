"""Tests of the `runs` commands: output as JSON and as text, and refused actions."""

from pathlib import Path

import pytest

import cli
from db.predictions import add_predictions
from db.runs import get_run
from db.store import Store
from db.tweets import add_tweets, labelled_tweets
from emoclf.labels import EMOTIONS
from emoclf.tweets import Tweet
from jobs.review import review_card
from tests.support.command_line import answer
from tests.support.decisions import decide
from tests.support.models import toy_tweets
from tests.support.runs import add_run

DEV = 220


@pytest.fixture
def two(store: Store) -> Store:
    """Two runs: the first says joy of every dev tweet, the second what its original labels say; ana decided two."""
    toy = toy_tweets(DEV + 2)
    choices, splits = EMOTIONS.decode(toy.labels), ["train"] * 2 + ["dev"] * DEV
    rows = zip(toy.texts, choices, splits, strict=True)
    with store.writing() as session:
        add_tweets(session, [Tweet(f"k{n}", f"{t} {n}", c, s) for n, (t, c, s) in enumerate(rows)])
    with store.reading() as session:
        train = labelled_tweets(session, ["train"])
        dev = labelled_tweets(session, ["dev"])
    metrics = {"n": DEV, "macro_f1": 0.5, "micro_f1": 0.625, "jaccard": 0.25, "per_emotion": {}}
    first = add_run(store, tweets=[(t.tweet_id, "train", t.labels) for t in train], metrics=metrics)
    events = [decide("e1", train[0].tweet_id, "fear"), decide("e2", dev[0].tweet_id)]
    review_card.save_events(store, "ana", events)
    second = add_run(store, tweets=[(train[0].tweet_id, "train", frozenset({"fear"}))], metrics=metrics)
    half = [0.5] * len(EMOTIONS)
    with store.writing() as session:
        everything_joy = [(t.tweet_id, half, frozenset({"joy"})) for t in dev]
        add_predictions(session, first, everything_joy, out_of_fold=True)
        add_predictions(session, second, [(t.tweet_id, half, t.labels) for t in dev], out_of_fold=True)
    return store


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(list(arguments)) == 0
    return capsys.readouterr().out


def test_runs_are_listed_with_their_state(two: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "runs", "promote", "2")["state"] == "promoted"
    assert answer(capsys, "runs", "name", "1", "the first")["name"] == "the first"
    assert answer(capsys, "runs", "delete", "1") == {"run": 1, "freed_bytes": 10}
    second, first = answer(capsys, "runs")["runs"]
    assert (first["run"], first["name"], first["state"], first["micro_f1"]) == (1, "the first", "files deleted", 0.625)
    assert second["state"] == "promoted"
    lines = printed(capsys, "runs").splitlines()
    assert [line.split("  ")[-1] for line in lines] == ["promoted", "files deleted"]


def test_a_run_is_shown_with_all_that_is_recorded(two: Store, capsys: pytest.CaptureFixture[str]) -> None:
    shown = answer(capsys, "runs", "show", "1")
    assert shown["tweets"] == {"train": 2, "slice": 0, "dev": 0}
    assert {"settings", "seed", "code_version", "data_hash", "thresholds", "history", "seconds", "macro_f1"} <= set(
        shown
    )
    assert "tweets: train 2, slice 0, dev 0" in printed(capsys, "runs", "show", "1").splitlines()


def test_options_may_come_before_or_after_the_action(two: Store, capsys: pytest.CaptureFixture[str]) -> None:
    before = printed(capsys, "runs", "--json", "--db", two.url, "show", "1")
    assert before == printed(capsys, "runs", "show", "1", "--json", "--db", two.url)
    assert before.startswith('{"run": 1')


def test_two_runs_are_compared_in_figures_and_in_words(two: Store, capsys: pytest.CaptureFixture[str]) -> None:
    compared = answer(capsys, "runs", "compare", "2", "1")
    assert (compared["tweets"], compared["reviewed"], compared["dev"]) == (DEV, 1, "original")
    anger, joy, macro = (compared["changes"][name] for name in ("anger", "joy", "macro"))
    assert (anger["before"], anger["after"], anger["verdict"]) == (0, 1, "better")
    assert macro["difference"] == pytest.approx(macro["after"] - macro["before"])
    assert set(joy) == {"support", "before", "after", "low", "high", "p", "difference", "verdict"}
    assert compared["words"][0].startswith("1 of 220 dev tweets were reviewed.")
    corrected = answer(capsys, "runs", "compare", "2", "1", "--dev", "approved")
    assert corrected["changes"]["macro"]["after"] < 1
    assert "better" in printed(capsys, "runs", "compare", "2", "1")
    same = printed(capsys, "runs", "compare", "1", "1")
    assert same.count("no evidence of change") >= 12


def test_lineage_names_the_reviewer_and_the_tweets(two: Store, capsys: pytest.CaptureFixture[str]) -> None:
    traced = answer(capsys, "runs", "lineage", "2", "1", "--emotion", "fear")
    assert traced["sources"] == [{"source": "reviewer", "by": "ana", "added": 1, "removed": 0, "tweets": ["k0"]}]
    assert "decided by ana: 1 added, 0 removed" in printed(capsys, "runs", "lineage", "2", "1", "--emotion", "fear")
    nothing = answer(capsys, "runs", "lineage", "1", "1", "--emotion", "fear")
    assert nothing["words"] == ["Between run 1 and run 1 no train label of fear changed."]


def test_the_promoted_run_is_used_if_none_is_named(two: Store, capsys: pytest.CaptureFixture[str]) -> None:
    answer(capsys, "runs", "promote", "1")
    with two.reading() as session:
        assert get_run(session).id == 1
    assert cli.main(["predict"]) == 2
    assert "folder-0" in capsys.readouterr().err  # the first run's folder, which holds no real classifier


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", "9"], "there is no run 9"),
        (["name", "1", " "], "the name is empty"),
        (["compare", "2", "9"], "there is no run 9"),
        (["delete", "2"], "run 2 is promoted"),
        (["export", "1", "."], ". is not an empty folder"),
        (["export", "2", "out"], "is not a saved classifier"),
    ],
)
def test_user_errors_give_one_sentence_and_status_2(
    two: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    assert cli.main(["runs", "promote", "2"]) == 0
    capsys.readouterr()
    assert cli.main(["runs", *arguments]) == 2
    shown = capsys.readouterr()
    assert (shown.out, sentence in shown.err) == ("", True)
    assert not (tmp_path / "out").exists()
