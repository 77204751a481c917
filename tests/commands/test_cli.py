"""Tests of the command line: one JSON object on standard output, one sentence on standard error, nothing half done."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cli
from commands.main import MODULES, make_parser
from commands.output import in_words
from db import schema
from db.jobs import list_jobs
from db.store import open_store
from tests.support.command_line import answer
from tests.support.paths import ROOT
from tests.support.tweet_files import record, write


@pytest.fixture
def imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    labels = ["joy", "joy love", "joy", "joy", "joy"]
    tweets = [record(f"what a happy day {n} #yay", labels[n], key=f"k{n}") for n in range(5)]
    return answer(capsys, "import", str(write(tmp_path / "a.csv", *tweets)))


def test_import_answers_with_its_counts(imported: dict[str, Any]) -> None:
    assert imported == {
        **{"import": 1, "imported": 5, "unchanged": 0, "rejected": 0, "rejects_file": None, "twins": 0},
        **{"unlabelled": None, "labels_added": None},
        "split": "train, since neither the file's name nor a column split names one",
        **{"encoding": None, "lines": {"in_file": 5, "read": 5, "rejected": 0}, "words": []},
    }


def test_a_round_of_commands_suggests_lists_decides_and_exports(
    imported: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert answer(capsys, "suggest", "--engine", "scripted:words")["suggested"] == 5
    items = answer(capsys, "queue", "--limit", "2")["items"]
    assert [list(item) for item in items] == [["tweet", "text", "doubt", "emotion", "reason"]] * 2
    assert answer(capsys, "decide", items[0]["tweet"], "--labels", "joy, love", "--reviewer", "ana")["decision"] == 1
    assert answer(capsys, "decide", items[1]["tweet"], "--labels", "", "--reviewer", "ana")["decision"] == 2
    whole = answer(capsys, "export", str(tmp_path / "out.csv"), "--what", "approved")
    assert (whole["rows"], whole["decided"], whole["originals"]) == (5, 2, 3)
    decided = answer(capsys, "export", str(tmp_path / "decided.csv"), "--what", "decided")
    assert (decided["rows"], decided["decided"], decided["originals"]) == (2, 2, 0)
    log = answer(capsys, "export", str(tmp_path / "log.csv"), "--what", "decisions")
    assert (log["rows"], "decided" in log) == (2, False)
    assert answer(capsys, "jobs")["jobs"][0]["state"] == "done"
    assert answer(capsys, "runs") == {"runs": []}
    assert answer(capsys, "upgrade") == {"schema": schema.newest()}
    assert Path(answer(capsys, "backup", str(tmp_path / "copy.db"))["backup"]).is_file()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["import", "nothing.csv"], "nothing.csv: there is no such file"),
        (["decide", "nope", "--labels", "joy", "--reviewer", "ana"], "there is no tweet 'nope'"),
        (["decide", "k0", "--labels", "hope", "--reviewer", "ana"], "'hope' is not a label"),
        (["decide", "1", "--labels", "joy", "--reviewer", "ana"], "there is no tweet '1'"),
        (["decide", "k0", "--labels", "joy", "--reviewer", " "], "the name of the reviewer is empty"),
        (["predict", "--out-of-fold", "0"], "at least 2 folds, not 0"),
        (["queue", "--limit", "9" * 30], "too large"),
        (["evaluate", "a.csv"], "there is no run yet"),
        (["predict"], "there is no run yet"),
        (["predict", "--run", "7"], "there is no run 7"),
        (["suggest", "--engine", "dir:/no/such/folder"], "there is no folder /no/such/folder"),
        (["suggest", "--engine", "gpt"], "does not name a model"),
        (["train"], "5 training tweets, but at least 50 are needed"),
        (["export", "out.pdf"], "must end in one of"),
        (["queue", "--db", "sqlite:////no/such/folder/a.db"], "cannot open sqlite"),
    ],
)
def test_user_errors_give_one_sentence_and_status_2(
    imported: dict[str, Any], capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert cli.main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert sentence in shown.err.splitlines()[-1]


def test_training_on_an_empty_store_names_the_missing_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train"]) == 2
    assert "there are no train tweets with labels in the store" in capsys.readouterr().err


@pytest.mark.processes
def test_progress_goes_to_standard_error_and_standard_output_stays_json(imported: dict[str, Any]) -> None:
    command = [sys.executable, str(ROOT / "cli.py"), "suggest", "--engine", "scripted:words", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert json.loads(done.stdout)["suggested"] == 5
    assert "tweets a second" in done.stderr


def test_without_json_answers_are_lines_of_text(imported: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", "out.csv"]) == 0
    assert capsys.readouterr().out == "rows: 5\ndecided: 0\noriginals: 5\n"
    one = {"support": 3, "accuracy": 0.5, "f1": 0.25, "f1_low": 0.1, "f1_high": 0.4}
    assert "anger         support     3  accuracy 0.500  F1 0.250 (0.100 to 0.400)" in in_words(
        {"macro_f1": 0.5, "per_emotion": {"anger": one}}
    )


def test_the_database_is_the_one_that_db_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    answer(capsys, "import", str(write(tmp_path / "a.csv", record())), "--db", url)
    store = open_store(url)
    with store.reading() as session:
        assert list_jobs(session) == []
    store.close()
    assert answer(capsys, "queue")["items"] == []


def test_a_command_is_the_same_whether_its_module_is_loaded_alone_or_with_all_others() -> None:
    def help_of(parser: argparse.ArgumentParser, name: str) -> str:
        [below] = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
        return str(below.choices[name].format_help())

    every = make_parser()
    [below] = [one for one in every._actions if isinstance(one, argparse._SubParsersAction)]
    assert sorted(below.choices) == sorted(name for commands in MODULES.values() for name in commands)
    for name in below.choices:
        assert help_of(make_parser(name), name) == help_of(every, name)


def test_a_dry_run_reads_numbers_as_the_import_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("ID,Tweet,labels\n1,so glad,0\n2,oh no,1\n3,my heart,2\n")
    words = ["import", str(file), "--emotions", "joy,fear,love"]
    assert answer(capsys, *words, "--dry-run")["labels"] == {"fear": 1, "joy": 1, "love": 1}
    assert answer(capsys, *words)["imported"] == 3


def test_an_auxiliary_corpus_is_not_imported_without_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "corpus.csv"
    file.write_text("text,label\nso glad,joy\nwell,\n")
    words = ["import", str(file), "--auxiliary", "other", "--emotions", "joy,fear", "--unlabelled"]
    assert cli.main([*words, "--db", f"sqlite:///{tmp_path / 'c.db'}"]) == 2
    assert "--unlabelled cannot be used with --auxiliary" in capsys.readouterr().err
