"""Tests of runs on TensorFlow Hub encoders: the same tables and commands as for torch."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cli
from db.store import Store
from db.tweets import add_tweets
from emoclf.labels import EMOTIONS
from emoclf.tweets import Tweet
from tests.support.command_line import answer
from tests.support.models import tiny_bert, toy_tweets
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("one_thread")
TRAIN, DEV = 60, 22
KILLED_AFTER_A_FOLD = """
import os, signal, sys
import cli
from emoclf.training.fold_results import FoldResults
save = FoldResults.save
def save_and_kill(self, fold, probabilities, history):
    save(self, fold, probabilities, history)
    os.kill(os.getpid(), signal.SIGKILL)
FoldResults.save = save_and_kill
cli.main(sys.argv[1:])
"""


@pytest.fixture
def toys(store: Store) -> Store:
    """A store of toy tweets, none of them twins."""
    toy = toy_tweets(TRAIN + DEV)
    rows = zip(toy.texts, EMOTIONS.decode(toy.labels), ["train"] * TRAIN + ["dev"] * DEV, strict=True)
    with store.writing() as session:
        add_tweets(session, [Tweet(f"t{n}", f"{text} {n}", on, split) for n, (text, on, split) in enumerate(rows)])
    return store


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_bert(tmp_path_factory.mktemp("torch"))


def test_runs_of_torch_and_tensorflow_are_listed_and_compared_together(
    toys: Store, bert: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported = answer(capsys, "export-tfhub", bert, str(tmp_path / "tiny"))
    assert {"preprocessing", "saved_model.pb", "variables"} <= set(exported["files"])
    by_torch = answer(capsys, "train", "--base", bert, "--epochs", "1")
    by_tensorflow = answer(capsys, "train", "--base", f"dir:{tmp_path / 'tiny'}", "--epochs", "1")
    assert set(by_torch) == set(by_tensorflow)
    assert [run["run"] for run in answer(capsys, "runs")["runs"]] == [2, 1]
    one, two = (answer(capsys, "runs", "show", number) for number in ("1", "2"))
    assert two["name"] == "tiny, approved labels"
    for alike in ("tweets", "seed", "data_hash", "labels"):
        assert one[alike] == two[alike]
    assert {**one["settings"], "base": None} == {**two["settings"], "base": None}
    assert [(e["fold"], e["epoch"]) for e in one["history"]] == [(e["fold"], e["epoch"]) for e in two["history"]]
    compared = answer(capsys, "runs", "compare", "2", "1")
    assert compared["tweets"] == DEV
    assert answer(capsys, "predict", "--run", "2")["already"] == TRAIN + DEV
    assert cli.main(["runs", "export", "2", str(tmp_path / "plain")]) == 2
    assert "transformers cannot read a classifier for TensorFlow; export it with" in capsys.readouterr().err


def test_impossible_exports_and_existing_targets_give_a_clear_error(
    toys: Store,
    bert: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    assert cli.main(["export-tfhub", bert, str(tmp_path / "full")]) == 2
    assert "is not an empty folder" in capsys.readouterr().err
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for here in (".", str(tmp_path / "here"), f"{tmp_path}/here/"):
        assert cli.main(["export-tfhub", bert, here]) == 2
        assert "would replace the working folder; choose a new folder" in capsys.readouterr().err
    assert cli.main(["export-tfhub", bert, str(tmp_path / "mine [2]")]) == 2
    assert "reads the square brackets in" in capsys.readouterr().err
    assert cli.main(["export-tfhub", "99", str(tmp_path / "new")]) == 2
    assert "99" in capsys.readouterr().err
    assert cli.main(["export-tfhub", "dir:/no/such", str(tmp_path / "new")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_first_stage_is_refused_for_an_encoder_of_tensorflow(
    toys: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "small.tsv"
    file.write_text("a good day\t0\nwhat a bad one\t1\n", encoding="utf-8")
    answer(capsys, "import", str(file), "--auxiliary", "small", "--emotions", "good,bad")
    (tmp_path / "hub" / "variables").mkdir(parents=True)
    assert cli.main(["train", "--base", f"dir:{tmp_path / 'hub'}", "--auxiliary", "auto"]) == 2
    assert "a first stage needs a torch model" in capsys.readouterr().err


def test_a_tensorflow_training_killed_after_a_fold_resumes_with_the_same_result_as_without_a_kill(
    toys: Store, bert: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(capsys, "export-tfhub", bert, str(tmp_path / "tiny"))
    command = ["train", "--base", f"dir:{tmp_path / 'tiny'}", "--epochs", "1", "--json"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", KILLED_AFTER_A_FOLD, *command], env=env, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert answer(capsys, "runs")["runs"] == []
    resumed, whole = (trained(capsys, *command) for _ in range(2))
    assert "fold 1 of" not in resumed["progress"]
    assert "fold 1 of" in whole["progress"]
    same = {"n", "macro_f1", "micro_f1", "jaccard", "accuracy", "per_emotion"}
    assert {name: resumed[name] for name in same} == {name: whole[name] for name in same}


def trained(capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, Any]:
    """What a training answers, and under `progress` what it told on the way."""
    assert cli.main(list(command)) == 0
    captured = capsys.readouterr()
    return {**json.loads(captured.out), "progress": captured.err}
