"""Tests of what an import answers: how the file was read, and a sentence where nothing, or nonsense, was read."""

import json
from pathlib import Path

import pytest

import cli
from db import summaries
from db.store import Store
from emoclf.errors import DataFileError, NothingReadError, SettingError
from emoclf.files.reading import Reading
from jobs.files import import_changes
from jobs.files.corpora import import_corpus
from jobs.files.imports import import_file
from tests.support.tweet_files import record, write
from ui import uploads

GOOD = [record("so happy", "joy", "1"), record("so mad", "anger", "2"), record("so what", "", "3")]


def test_the_answer_accounts_for_every_line_also_for_those_that_the_store_refuses(store: Store, tmp_path: Path) -> None:
    import_file(store, write(tmp_path / "a.csv", GOOD[0]))
    changed = record("so\nmad", "fear", "1")
    answer = import_file(store, write(tmp_path / "b.csv", changed, *GOOD[1:], record(anger=7)), rejects_in=tmp_path)
    assert answer["lines"] == {"in_file": 5, "read": 2, "rejected": 3}
    assert (answer["imported"], answer["rejected"]) == (2, 2)


def test_the_answer_says_how_the_file_was_read(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "val.csv", *GOOD)
    path.write_bytes(path.read_text("utf-8").replace(",", ";").replace("happy", "heureux à Genève").encode("cp1252"))
    answer = import_file(store, path)
    assert (answer["split"], answer["encoding"]) == ("dev, from the file name", "cp1252")
    assert answer["words"] == ["The encoding is cp1252.", "Its cells are separated by a semicolon."]


def test_a_file_without_a_readable_row_is_an_error_with_the_most_frequent_reason_first(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = [record(f"text {n}", key=str(n), anger="maybe") for n in range(3)]
    path = write(tmp_path / "a.csv", record(" ", key="x"), *broken)
    expected = (
        "no row of a.csv can be read: anger is 'maybe', expected 0 or 1 (line 3 and 2 more); there is no text (line 2)"
    )
    with pytest.raises(DataFileError, match="no row") as refused:
        import_file(store, path)
    assert str(refused.value) == expected
    assert cli.main(["import", str(path)]) == 2
    assert capsys.readouterr().err.strip() == f"{expected}; the rejected rows and the reasons are in a.rejects-1.csv"
    taken = uploads.take(store, "a.csv", path.read_bytes(), None)
    assert (taken.is_good, taken.words, taken.rejects.count(b"expected 0 or 1")) == (False, expected, 3)
    with pytest.raises(DataFileError, match=r"no row of a\.csv can be read: 'x' is not one of"):
        import_corpus(store, _labels(tmp_path / "a.csv", "x", "x"), "moods", ("calm", "cross"))


def test_a_file_that_contradicts_the_store_throughout_is_an_error_and_its_rows_are_written(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    import_file(store, write(tmp_path / "a.csv", *GOOD))
    same = write(tmp_path / "again.csv", *GOOD)
    assert cli.main(["import", str(same), "--db", store.url]) == 0
    changed = [one | {"trust": 1} for one in GOOD]
    path = write(tmp_path / "b.csv", record("a text of mine", key="2", anger=7), *changed)
    capsys.readouterr()
    for dry_run in ([], ["--dry-run"]):
        assert cli.main(["import", str(path), "--db", store.url, *dry_run]) == 2
        error = capsys.readouterr().err
        assert error.startswith("no row of b.csv can be stored: the store holds it with joy, the file says joy trust;")
        assert "(line 3 and 2 more); anger is '7', expected 0 or 1 (line 2)" in error
    rejects = (tmp_path / "b.rejects.csv").read_text("utf-8")
    assert rejects.count("originals are never overwritten") == 3
    taken = uploads.take(store, "b.csv", path.read_bytes(), None)
    assert (taken.is_good, taken.rejects.count(b"never overwritten")) == (False, 3)
    assert [one.file for one in import_changes.listing(store)] == ["a.csv"]


def test_a_corpus_file_that_contradicts_the_corpus_throughout_is_an_error(store: Store, tmp_path: Path) -> None:
    moods = ("calm", "cross")
    import_corpus(store, _labels(tmp_path / "a.csv", "calm", "cross"), "moods", moods)
    with pytest.raises(NothingReadError, match=r"no row of b\.csv can be stored: .* \(line 2 and 1 more\)") as refused:
        import_corpus(store, _labels(tmp_path / "b.csv", "cross", "calm"), "moods", moods, rejects_in=tmp_path)
    assert refused.value.rejects_file == tmp_path / "b.rejects.csv"


def test_several_records_on_a_line_are_counted_each_for_itself(store: Store, tmp_path: Path) -> None:
    answers = [("1", "joy"), ("1", "joy"), ("1", "fear"), ("2", "anger"), ("3", "wrath")]
    rows = [{"id": key, "text": f"text {key}", "labels": [one], "annotator": n} for n, (key, one) in enumerate(answers)]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(rows), "utf-8")
    answer = import_file(store, path, rejects_in=tmp_path, reading=Reading(raters="majority"))
    assert answer["lines"] == {"in_file": 5, "read": 4, "rejected": 1, "counted": "records"}
    assert "Records have no lines of their own here: line 3 means the third record." in answer["words"]
    assert ",".join((tmp_path / "a.rejects.csv").read_text("utf-8-sig").splitlines()[1].split(",")[:1]) == "5"


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_the_tasks_of_label_studio_are_counted_not_their_annotations(store: Store, tmp_path: Path, ending: str) -> None:
    def task(n: int, text: str, *labels: str) -> dict[str, object]:
        given = [{"type": "choices", "from_name": "e", "value": {"choices": [one]}} for one in labels]
        return {"id": n, "data": {"text": text}, "annotations": [{"result": [one]} for one in given]}

    tasks = [task(1, "so glad", "joy", "joy", "fear"), task(2, "so mad", "anger", "wrath"), task(3, " ", "joy", "fear")]
    path = tmp_path / f"a.{ending}"
    path.write_text(json.dumps(tasks) if ending == "json" else "\n".join(map(json.dumps, tasks)), "utf-8")
    answer = import_file(store, path, rejects_in=tmp_path, reading=Reading(raters="majority"))
    assert (answer["imported"], answer["rejected"]) == (2, 3)  # annotations are rejected one by one
    lines = {"in_file": 3, "read": 2, "rejected": 1}
    assert answer["lines"] == (lines | {"counted": "records"} if ending == "json" else lines)
    unit = "record" if ending == "json" else "line"
    assert f"Some labels on 1 {unit} were rejected and others were read; counted as read." in answer["words"]


def _labels(path: Path, *labels: str) -> Path:
    lines = [f"text number {n},{one}" for n, one in enumerate(labels)]
    path.write_text("\n".join(["text,labels", *lines]), "utf-8")
    return path


def test_the_same_labels_on_all_rows_stop_an_import_unless_confirmed(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", *(record(f"text {n}", key=str(n)) for n in range(3)))
    with pytest.raises(SettingError, match=r"all 3 rows of a\.csv carry the same labels \(joy\), .* pass --confirm"):
        import_file(store, path)
    corpus = _labels(tmp_path / "b.csv", "calm", "calm", "calm")
    with pytest.raises(SettingError, match="carry the same labels"):
        import_corpus(store, corpus, "moods", ("calm", "cross"))
    with store.reading() as session:
        assert summaries.sizes(session) == {}
    assert import_file(store, path, reading=Reading(confirm=True))["imported"] == 3
    assert import_corpus(store, corpus, "moods", ("calm", "cross"), reading=Reading(confirm=True))["imported"] == 3


def test_texts_that_are_all_numbers_stop_an_import_unless_confirmed(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", record("12", "joy", "1"), record("1.5", "fear", "2"))
    with pytest.raises(SettingError, match=r"every text of a\.csv is a number, such as 12, .* pass --confirm"):
        import_file(store, path)
    assert import_file(store, path, reading=Reading(confirm=True))["imported"] == 2


def test_the_command_line_has_an_option_for_every_choice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jsonl"
    cells = ["[0, 1]", "[1, 0]", "[0, 1]"]
    path.write_text("\n".join(f'{{"text": "text {n}", "labels": {one}}}' for n, one in enumerate(cells)), "utf-8")
    asked = ["import", str(path), "--auxiliary", "moods", "--emotions", "calm,cross", "--json"]
    assert cli.main(asked) == 2
    assert "pass --labels-as" in capsys.readouterr().err
    assert cli.main([*asked, "--labels-as", "multi-hot"]) == 0
    assert json.loads(capsys.readouterr().out)["words"] == ["Lists of 0 and 1 were read in the order calm … cross."]
    blank = write(tmp_path / "b.csv", *(one | {"anger": "", "joy": n} for n, one in enumerate(GOOD[:2])))
    assert cli.main(["import", str(blank)]) == 2
    assert cli.main(["import", str(blank), "--blank-is-0"]) == 0
