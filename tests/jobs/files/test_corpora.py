"""Tests of auxiliary corpora: own label sets, unambiguous import, and separation from the review."""

import json
from pathlib import Path
from typing import Any

import pytest

import cli
from db import corpora as kept
from db import summaries
from db.jobs import list_jobs
from db.queue import next_items
from db.store import Store
from emoclf.errors import DataFileError, NotFoundError, SettingError
from emoclf.files.corpora import Corpus, read_corpus, read_emotions
from emoclf.files.reading import Reading
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from jobs.files import corpora
from jobs.files.exports import export
from tests.support.tweet_files import write

MOODS = ("calm", "cross", "merry")


def lines(path: Path, *of: str) -> Path:
    path.write_text("\n".join(of) + "\n", encoding="utf-8")
    return path


def test_a_file_without_a_header_has_text_labels_and_optionally_an_id(tmp_path: Path) -> None:
    with_ids = read_corpus(lines(tmp_path / "a.tsv", 'so "quiet"\t0,2\tx1', "what a din\t1\tx2"), MOODS)
    assert [(t.key, t.text, t.labels) for t in with_ids.texts] == [
        ("x1", 'so "quiet"', (0, 2)),
        ("x2", "what a din", (1,)),
    ]
    without = read_corpus(lines(tmp_path / "b.tsv", "so quiet\t3, 1", "what a din\t2"), MOODS)
    assert [t.labels for t in without.texts] == [(0, 2), (1,)]


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_a_header_may_name_a_column_of_labels_or_one_for_each_emotion(tmp_path: Path, ending: str) -> None:
    named = [{"Text": "so quiet", "labels": "Merry, calm"}, {"Text": "what a din", "labels": ""}]
    silent = {"text": "what a din", "Calm": 0, "cross": 0, "merry": 0}
    flagged = [{"text": "so quiet", "Calm": 1, "cross": 0, "merry": 1}, silent]
    for name, records_ in (("named", named), ("flagged", flagged)):
        path = write(tmp_path / f"{name}.{ending}", *records_)
        assert [t.labels for t in read_corpus(path, MOODS).texts] == [(0, 2), ()]


def test_labels_may_be_a_list_in_jsonl(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", json.dumps({"text": "so quiet", "labels": [0, 2]}))
    assert read_corpus(path, MOODS).texts[0].labels == (0, 2)


def test_the_first_label_number_comes_from_the_data_or_the_caller(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.tsv", "so quiet\t1", "what a din\t2")
    with pytest.raises(SettingError, match=r"from 1 to 2, which does not tell .* pass --first-number 0"):
        read_corpus(path, MOODS)
    assert [t.labels for t in read_corpus(path, MOODS, first_number=0).texts] == [(1,), (2,)]
    assert [t.labels for t in read_corpus(path, MOODS, first_number=1).texts] == [(0,), (1,)]


def test_rows_that_cannot_be_read_are_rejects_with_their_line_and_reason(tmp_path: Path) -> None:
    broken = ["\t1", "too\tmany\tcells\there", "quiet\t9", "din\tangry", "so quiet\t1"]
    path = lines(tmp_path / "a.tsv", "so quiet\t0", *broken, "what a day\tMERRY")
    file = read_corpus(path, MOODS, reading=Reading(raters="first"))
    assert [t.text for t in file.texts] == ["so quiet", "what a day"]
    assert [(reject.line, reject.reason) for reject in file.rejects] == [
        (2, "there is no text"),
        (3, "it has 4 cells, the first line has 2"),
        (4, "9 is not an emotion: they are numbered from 0 to 2"),
        (5, "'angry' is not one of the emotions calm cross merry"),
        (6, "the same text already stands on line 1"),
    ]


def test_a_file_that_is_no_corpus_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="this one has 1 cells"):
        read_corpus(lines(tmp_path / "a.txt", "dear diary"), MOODS)
    with pytest.raises(DataFileError, match="no column labels, nor one for each of calm cross merry"):
        read_corpus(lines(tmp_path / "a.csv", "text,calm", "so quiet,1"), MOODS)


def test_emotions_are_given_with_commas_or_in_a_file(tmp_path: Path) -> None:
    assert read_emotions("Calm, cross,merry") == MOODS
    assert read_emotions(str(lines(tmp_path / "moods.txt", "calm", "cross", "", "Merry"))) == MOODS
    with pytest.raises(SettingError, match="neither a file"):
        read_emotions("sentiments.txt")
    with pytest.raises(SettingError, match="calm twice"):
        read_emotions("calm,Calm")


@pytest.fixture
def moods(tmp_path: Path) -> Path:
    return lines(tmp_path / "moods.tsv", "so quiet\t0\tm1", "what a din\t1,2\tm2", "tea time\t\tm3")


def test_importing_a_corpus_twice_changes_nothing(store: Store, moods: Path) -> None:
    first = corpora.import_corpus(store, moods, "moods", MOODS, licence="CC0")
    assert first == {
        **{"imported": 3, "unchanged": 0, "rejected": 0, "rejects_file": None},
        **{"corpus": "moods", "emotions": 3},
        **{"encoding": None, "lines": {"in_file": 3, "read": 3, "rejected": 0}, "words": first["words"]},
    }
    assert first["words"] == ["Numbers were read as 0 for calm to 2 for merry."]
    with store.reading() as session:
        before = kept.corpus(session, "moods")
    again = corpora.import_corpus(store, moods, "moods", MOODS)
    assert (again["imported"], again["unchanged"], again["rejected"]) == (0, 3, 0)
    with store.reading() as session:
        after = kept.corpus(session, "moods")
    assert (after.hash, after.licence) == (before.hash, "CC0")
    assert after.texts == ["so quiet", "what a din", "tea time"]
    assert after.labels.tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 0]]


def test_texts_of_a_corpus_are_never_overwritten(store: Store, moods: Path, tmp_path: Path) -> None:
    corpora.import_corpus(store, moods, "moods", MOODS)
    other = lines(tmp_path / "other.tsv", "so quiet\t1\tm1", "another text\t0\tm2", "new here\t2\tm4")
    result = corpora.import_corpus(store, other, "moods", MOODS)
    assert (result["imported"], result["unchanged"], result["rejected"]) == (1, 0, 2)
    reasons = Path(result["rejects_file"]).read_text("utf-8")
    assert "the corpus holds it with calm, the file says cross" in reasons
    assert "the corpus holds another text with ID m2" in reasons


def test_a_corpus_keeps_its_emotions(store: Store, moods: Path) -> None:
    corpora.import_corpus(store, moods, "moods", MOODS)
    with pytest.raises(SettingError, match="has the emotions calm,cross,merry, not merry,cross,calm; give these texts"):
        corpora.import_corpus(store, moods, "moods", MOODS[::-1])


def test_the_review_never_sees_a_corpus(filled: Store, moods: Path, tmp_path: Path) -> None:
    def seen() -> Any:
        with filled.reading() as session:
            counts = [summaries.counts(session, split) for split in ("train", "dev", "test")]
            queue = [next_items(session, Filter(split)) for split in ("train", "dev")]
            return counts, queue, summaries.sizes(session), list_jobs(session)

    before, rows_before = seen(), export(filled, tmp_path / "before.csv", "everything")
    corpora.import_corpus(filled, moods, "moods", MOODS)
    assert seen() == before
    assert export(filled, tmp_path / "after.csv", "everything") == rows_before
    assert (tmp_path / "after.csv").read_bytes() == (tmp_path / "before.csv").read_bytes()


def test_a_corpus_can_be_removed_and_imported_anew(store: Store, moods: Path) -> None:
    corpora.import_corpus(store, moods, "moods", MOODS)
    assert corpora.remove(store, "moods") == 3
    assert corpora.listing(store) == []
    with pytest.raises(NotFoundError, match="there is no auxiliary corpus 'moods'; there are none"):
        corpora.remove(store, "moods")
    assert corpora.import_corpus(store, moods, "moods", MOODS)["imported"] == 3


def test_a_corpus_is_known_by_its_content_not_by_its_name() -> None:
    import numpy as np

    one = Corpus("a", ["x", "y"], np.array([[1, 0], [0, 1]]), ("calm", "cross"))
    assert one.hash == Corpus("b", ["x", "y"], np.array([[1, 0], [0, 1]]), ("calm", "cross"), "CC0").hash
    assert one.hash != Corpus("a", ["x", "y"], np.array([[1, 0], [1, 1]]), ("calm", "cross")).hash
    assert one.hash != Corpus("a", ["x", "z"], np.array([[1, 0], [0, 1]]), ("calm", "cross")).hash
    assert one.hash != Corpus("a", ["x", "y"], np.array([[1, 0], [0, 1]]), ("cross", "calm")).hash


def test_the_command_line_imports_lists_and_removes(moods: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["import", str(moods), "--auxiliary", "moods", "--emotions", "calm,cross,merry", "--licence", "CC0"]
    assert cli.main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["imported"] == 3
    assert cli.main(["auxiliary"]) == 0
    assert capsys.readouterr().out == "moods  3  calm,cross,merry  CC0\n"
    assert cli.main(["auxiliary", "--remove", "moods", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": "moods", "texts": 3}
    assert cli.main(asked[:4]) == 2
    assert "--auxiliary needs --emotions" in capsys.readouterr().err


@pytest.mark.real_data
def test_goemotions_and_xed_are_imported_as_published(store: Store, semeval: Path) -> None:
    data = semeval.parent
    emotions = read_emotions(str(data / "goemotions" / "labels.txt"))
    first = corpora.import_corpus(store, data / "goemotions" / "train.tsv", "goemotions", emotions)
    assert (first["imported"], first["rejected"], first["emotions"]) == (43410, 0, 28)
    plutchik = read_emotions("anger,anticipation,disgust,fear,joy,sadness,surprise,trust")
    second = corpora.import_corpus(store, data / "xed" / "en-annotated.tsv", "xed", plutchik)
    assert (second["imported"], second["rejected"], second["emotions"]) == (17528, 0, 8)
    with store.reading() as session:
        assert summaries.counts(session, "train").per_emotion == dict.fromkeys(EMOTIONS.names, 0)
