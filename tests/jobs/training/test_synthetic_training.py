"""Tests of training with synthetic tweets: never used for scoring, control with equal steps, marked everywhere."""

import csv
from pathlib import Path

import numpy as np
import pytest

from db import generations
from db.generations import Round, Written
from db.jobs import add_job
from db.predictions import unseen_labels
from db.runs import get_run, list_runs, run_data
from db.store import Store
from db.tweets import add_tweets
from db.verdicts import NewVerdict, add_verdict
from emoclf.backends.settings import TrainingSettings
from emoclf.errors import SettingError
from emoclf.progress import drain
from emoclf.synthetic.gate_results import GateResult
from emoclf.synthetic.realism_test import real_vs_synthetic_auroc
from emoclf.tweets import LabelledTexts, Tweet
from jobs import runner
from jobs.files.exports import export
from jobs.files.imports import import_file
from jobs.settings.training import ExtraTweets
from jobs.training import train
from jobs.training.data import as_texts, count_synthetic, read_data
from tests.support.models import KEYWORDS, tiny_bert, toy_tweets


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


TEXTS = tuple(f"{KEYWORDS[10]} {KEYWORDS[4]} cat number {n} saw the cake" for n in range(12))
ACCEPTED, REJECTED, DROPPED = (0, 1, 2, 3, 4), (5,), (11,)


def written(n: int) -> Written:
    failed = [GateResult("language", False, reason="why")] if n in DROPPED else []
    gates = [GateResult("format", True), *failed]
    return Written(TEXTS[n], frozenset({"trust"}), "trust", "aspirations", {}, gates)


@pytest.fixture
def checked(toys: Store) -> Store:
    """Twelve synthetic tweets: five accepted, the first of them edited and relabelled, one rejected, one dropped."""
    with toys.writing() as session:
        job = add_job(session, "generate", {})
        generations.add_round(session, Round(job, 0, "qwen", "write-1", [], {}, 5, []), [written(n) for n in range(12)])
        ids = generations.newest(session, job, 99)[::-1]
        for n in ACCEPTED:
            edited, labels = (f"{TEXTS[0]} indeed", {"joy"}) if n == 0 else (None, {"trust", "joy"})
            add_verdict(session, NewVerdict(f"a{n}", ids[n], "ana", "accept", labels=frozenset(labels), text=edited))
        add_verdict(session, NewVerdict("r5", ids[5], "ana", "reject", reason="duplicate"))
    return toys


def test_training_uses_only_the_requested_synthetic_tweets(checked: Store) -> None:
    assert [count_synthetic(checked, use) for use in ("none", "accepted", "all")] == [0, 5, 10]
    plain, with_them = read_data(checked, "approved"), read_data(checked, "approved", ExtraTweets("accepted"))
    assert [tweet.key for tweet in with_them.train] == [tweet.key for tweet in plain.train]
    assert (with_them.synthetic[0].text, with_them.synthetic[0].labels) == (f"{TEXTS[0]} indeed", {"joy"})
    assert {tweet.text for tweet in with_them.synthetic[1:]} == {TEXTS[n] for n in ACCEPTED[1:]}
    assert plain.hash != with_them.hash
    with pytest.raises(SettingError, match="synthetic is 'some'"):
        read_data(checked, "approved", ExtraTweets("some"))


def test_an_edited_tweet_equal_to_a_dev_tweet_is_not_trained_on(checked: Store) -> None:
    with checked.writing() as session:
        add_tweets(session, [Tweet("late", f"{TEXTS[1]} #cake", frozenset({"joy"}), "dev")])
    assert count_synthetic(checked, "accepted") == 4


def test_the_pair_takes_equal_steps_and_synthetic_tweets_are_never_scored_on(
    checked: Store,
    settings: TrainingSettings,
) -> None:
    result = drain(train.train(checked, settings, extra=ExtraTweets("accepted")))
    again = drain(train.train(checked, settings, extra=ExtraTweets(repeated=5)))
    with checked.reading() as session:
        with_them, without = get_run(session, result["run"]), get_run(session, again["run"])
        kept = run_data(session, with_them.id, ["synthetic"])
        known = set(unseen_labels(session, with_them.id))
        real = {tweet.tweet_id for tweet in run_data(session, with_them.id, ["train", "dev"])}
        assert {t.tweet_id for t in run_data(session, without.id, ["train", "dev"])} == real == known
    assert len(kept) == 5
    assert not known & {tweet.tweet_id for tweet in kept}
    assert with_them.settings["synthetic"] == {"use": "accepted", "tweets": 5, "repeated": 0, "told_apart": None}
    assert without.settings["synthetic"]["repeated"] == 5
    assert with_them.name.endswith("5 synthetic tweets")
    assert TrainingSettings.from_record(with_them.settings) == TrainingSettings.from_record(without.settings)
    sizes = [len(as_texts([*data.train, *data.extra])) for data in (
        read_data(checked, "approved", ExtraTweets("accepted")),
        read_data(checked, "approved", ExtraTweets(repeated=5)),
    )]  # fmt: skip
    assert sizes[0] == sizes[1]


@pytest.mark.training
def test_a_job_for_a_pair_queues_the_second_training_when_the_first_is_recorded(checked: Store, tmp_path: Path) -> None:
    quick = {"base": tiny_bert(tmp_path / "base"), "epochs": 1, "folds": 2, "max_length": 16}
    job = runner.queue_job(checked, "train", {**quick, "repeated": 5, "then_train": {**quick, "synthetic": "accepted"}})
    second = runner.execute(checked, job)["next_job"]
    assert runner.execute(checked, second)["run"] == 2
    with checked.reading() as session:
        assert [run.settings["synthetic"]["tweets"] for run in list_runs(session)] == [5, 0]


def test_extra_tweets_are_training_data_only_and_stay_with_their_twins() -> None:
    tweets = toy_tweets(30)
    more = tweets.take(np.array([3, 4]))
    both = tweets.with_extra(more)
    assert both.is_extra.tolist() == [False] * 30 + [True] * 2
    assert both.groups[30:] == [tweets.groups[3], tweets.groups[4]]
    assert isinstance(both, LabelledTexts)


def test_exports_mark_synthetic_tweets_and_imports_refuse_them(checked: Store, tmp_path: Path) -> None:
    before = export(checked, tmp_path / "everything.csv", "everything")
    assert export(checked, tmp_path / "approved.csv") == before + 5
    rows = read(tmp_path / "approved.csv")
    origins = [row["origin"] for row in rows]
    assert (origins.count("synthetic"), origins.count("imported")) == (5, before)
    answer = import_file(checked, tmp_path / "approved.csv", rejects_in=tmp_path)
    assert (answer["imported"], answer["rejected"]) == (0, 5)
    assert "it is a synthetic tweet" in Path(answer["rejects_file"]).read_text()
    export(checked, tmp_path / "synthetic.csv", "synthetic")
    states = [row["state"] for row in read(tmp_path / "synthetic.csv")]
    assert [states.count(state) for state in ("accepted", "rejected", "dropped", "waiting")] == [5, 1, 1, 5]


def test_the_real_vs_synthetic_auroc_is_half_for_one_distribution_and_one_for_two() -> None:
    random = np.random.default_rng(0)
    cloud, far = random.normal(size=(400, 8)), random.normal(size=(100, 8)) + 3
    same = real_vs_synthetic_auroc(cloud[:300], cloud[300:])
    apart = real_vs_synthetic_auroc(cloud, far)
    assert same is not None
    assert abs(same - 0.5) < 0.15
    assert apart is not None
    assert apart > 0.99
    assert real_vs_synthetic_auroc(cloud, far[:3]) is None
