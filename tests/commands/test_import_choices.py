"""Tests of what the command line can say about a file: raters, the names of label numbers, other emotions."""

import json
import shlex
import unicodedata
from pathlib import Path

import pytest

import cli
from commands.main import make_parser
from commands.reading import reading_of
from tests.support.command_line import answer
from tests.support.tweet_files import record, write


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOCLF_DB", f"sqlite:///{tmp_path / 'store.db'}")
    monkeypatch.chdir(tmp_path)


def test_the_command_in_a_refusal_imports_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my mails.csv"
    path.write_text("id,text,calm,joy\n1,so quiet,1,0\n2,so glad,0,1\n", encoding="utf-8")
    assert cli.main(["import", str(path)]) == 2
    command = shlex.split(capsys.readouterr().err.split("run: ")[1])
    assert command[:2] == ["python", "cli.py"]
    found = answer(capsys, *command[2:])
    assert (found["corpus"], found["imported"], found["emotions"]) == ("my-mails", 2, 2)


def test_raters_are_united_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [record(labels=labels, annotator=n) for n, labels in enumerate(["joy", "joy", "fear"])]
    path = str(write(tmp_path / "a.csv", *rows))
    assert cli.main(["import", path]) == 2
    assert "pass --raters majority" in capsys.readouterr().err
    found = answer(capsys, "import", path, "--raters", "majority")
    assert (found["imported"], found["lines"]) == (1, {"in_file": 3, "read": 3, "rejected": 0})


def test_label_numbers_of_tweets_are_named_by_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "labels.txt").write_text("trust\njoy\n", encoding="utf-8")
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps({"text": f"day {n}", "labels": [n]}) for n in (0, 1)), encoding="utf-8")
    found = answer(capsys, "import", str(path), "--emotions", "labels.txt")
    assert found["imported"] == 2
    assert "Numbers were read as 0 for trust to 1 for joy." in found["words"]


def test_an_export_of_label_studio_goes_in_and_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = [{"type": "choices", "from_name": "e", "value": {"choices": ["joy"]}}]
    tasks = [
        {
            "id": 1,
            "data": {"text": "so glad"},
            "annotations": [{"result": result}],
            "predictions": [{"result": result}],
        },
        {"id": 2, "data": {"text": "hm"}, "annotations": [{"result": []}]},
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    found = answer(capsys, "import", str(path))
    assert found["imported"] == 2
    assert "1 empty list of labels was read as no emotion." in found["words"]
    assert "Suggestions of a model in Label Studio for 1 tweets were stored, as yes or no." in found["words"]
    for ending in ("csv", "jsonl", "parquet"):
        assert answer(capsys, "export", f"x.{ending}", "--what", "everything")["rows"] == 2


def test_a_file_is_found_with_its_accents_in_either_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    apart = unicodedata.normalize("NFD", "étude.csv")
    write(tmp_path / apart, record())
    assert answer(capsys, "import", str(tmp_path / "étude.csv"))["imported"] == 1
    assert answer(capsys, "imports")["imports"][0]["file"] == "étude.csv"


def test_evaluate_names_label_numbers_and_has_no_use_for_tweets_without_labels(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = make_parser("evaluate")
    assert reading_of(parser.parse_args(["evaluate", "a.csv", "--emotions", "joy,fear"])).label_names == ("joy", "fear")
    with pytest.raises(SystemExit):
        parser.parse_args(["evaluate", "a.csv", "--unlabelled"])
    assert "unrecognized arguments: --unlabelled" in capsys.readouterr().err
