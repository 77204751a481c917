"""Tests of the sample data in datasets/, whose wrong labels are known."""

import csv
from collections import Counter

import pytest

from emoclf.labels import EMOTIONS
from emoclf.text.twins import twin_key
from tests.support.paths import ROOT
from tools.plant_sample_errors import HEADER, labels_of, write_sample

DATASETS = ROOT / "datasets"
Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (DATASETS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def truth() -> list[Row]:
    return read("sample-truth.csv")


def split_of(rows: list[Row], split: str) -> list[Row]:
    return [row for row in rows if row["split"] == split]


@pytest.mark.parametrize("name", ["sample-train.csv", "sample-dev.csv"])
def test_the_errors_are_planted_the_same_way_every_time(name, tmp_path):
    write_sample(DATASETS / "sample-truth.csv", tmp_path)
    assert (tmp_path / name).read_bytes() == (DATASETS / name).read_bytes()


@pytest.mark.parametrize("name", ["sample-truth.csv", "sample-train.csv", "sample-dev.csv"])
def test_the_files_have_the_published_columns_and_unix_line_ends(name):
    content = (DATASETS / name).read_bytes()
    header = HEADER if name != "sample-truth.csv" else [*HEADER[:2], "split", *HEADER[2:]]
    assert content.decode("utf-8").split("\n", 1)[0] == ",".join(header)
    assert b"\r" not in content
    assert {row[label] for row in read(name) for label in EMOTIONS.names} == {"0", "1"}


def test_the_sample_has_at_least_400_different_tweets(truth):
    assert len(truth) >= 400
    assert len({row["Tweet"] for row in truth}) == len({row["ID"] for row in truth}) == len(truth)


@pytest.mark.parametrize("split", ["train", "dev"])
def test_every_emotion_is_there_and_the_rare_ones_are_rare(truth, split):
    rows = split_of(truth, split)
    share = {label: sum(row[label] == "1" for row in rows) / len(rows) for label in EMOTIONS.names}
    assert min(share.values()) * len(rows) >= 5
    assert share["surprise"] < 0.1
    assert share["trust"] < 0.1
    assert min(share["anger"], share["disgust"], share["joy"]) > 0.3


def test_about_one_train_label_in_ten_is_wrong(truth):
    train = split_of(truth, "train")
    wrong = sum(len(labels_of(t) ^ labels_of(o)) for t, o in zip(train, read("sample-train.csv"), strict=True))
    assert 0.08 <= wrong / sum(len(labels_of(row)) for row in train) <= 0.12


def test_labels_of_every_emotion_were_taken_away_and_others_added(truth):
    pairs = list(zip(split_of(truth, "train"), read("sample-train.csv"), strict=True))
    taken = Counter(label for true, original in pairs for label in labels_of(true) - labels_of(original))
    added = Counter(label for true, original in pairs for label in labels_of(original) - labels_of(true))
    assert min((taken + added)[label] for label in EMOTIONS.names) >= 2
    assert sum(taken.values()) > sum(added.values()) > 0


def test_dev_keeps_the_true_labels(truth):
    true = [{name: row[name] for name in HEADER} for row in split_of(truth, "dev")]
    assert read("sample-dev.csv") == true


def test_the_data_files_hold_the_tweets_of_the_truth_in_its_order(truth):
    files = read("sample-train.csv") + read("sample-dev.csv")
    assert [(row["ID"], row["Tweet"]) for row in files] == [(row["ID"], row["Tweet"]) for row in truth]


def test_twins_come_in_pairs_within_one_split(truth):
    groups: dict[str, list[str]] = {}
    for row in truth:
        groups.setdefault(twin_key(row["Tweet"]), []).append(row["split"])
    twins = [splits for splits in groups.values() if len(splits) > 1]
    assert 8 <= len(twins) <= 12
    assert all(len(set(splits)) == 1 for splits in twins)
