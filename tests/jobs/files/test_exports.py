"""Tests of exports: importing one into an empty store gives the same store, whatever the texts."""

import tempfile
from pathlib import Path
from typing import Any

import pytest

from db.decisions import NewDecision, add_decision
from db.exports import exported_tweets
from db.store import Store, open_store
from db.tweets import add_tweets
from emoclf.errors import DataFileError, SettingError
from emoclf.export.formats import FORMATS
from emoclf.files import rows
from emoclf.files.reading import Reading
from emoclf.files.tweet_files import read_tweets
from emoclf.tweets import Tweet
from jobs.files.exports import write_export
from jobs.files.imports import import_file
from tests.support.databases import copied_store

FILES = [form for form in FORMATS.values() if not form.is_folder]
TEXTS = (
    *("two\nlines", "cut\roff", "\r\nfirst", "a\ttab", '"quoted"', 'one " quote', "=cmd|' /C calc'!A0", "@ana", "'=1"),
    *(
        "so happy 🐶👩‍👩‍👧",
        "\u202eright to left\u202c",
        "a\u2028b\u2029c",
        "next\x85line",
        "  blanks  ",
        "caf\u00e9",
        "cafe\u0301",
    ),
    *("a,b;c|d", "\\ud83d", "\ufeffmark", "null", "[]", '{"text": 1}', "&amp; <b>", "ends with \\", "١٢٣ عربي"),
)


def content(store: Store, labels: str = "original") -> list[Any]:
    """Everything that an export is to restore: ID, text, split, labels and metadata of each tweet."""
    with store.reading() as session:
        found = [one for chunk in exported_tweets(session, labels) for one in chunk]
    return sorted((one.key, one.text, one.split, sorted(one.labels or ()), dict(one.metadata)) for one in found)


def assert_comes_back(migrated: str, tweets: list[Tweet], decided: list[int], what: str, form: Any) -> None:
    """Fill a store, export it, import it into an empty one, and compare the two."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "one").mkdir()
        (folder / "two").mkdir()
        with copied_store(migrated, folder / "one") as one, copied_store(migrated, folder / "two") as two:
            first, second = open_store(one), open_store(two)
            with first.writing() as session:
                add_tweets(session, tweets)
                for i in decided:
                    add_decision(session, NewDecision(f"event-{i}", i, "ana", frozenset({"fear", "trust"})))
            path = folder / f"out{form.ending}"
            write_export(first, path, what, form.name)
            answer = import_file(second, path, rejects_in=folder, reading=Reading(confirm=True))
            assert answer["rejected"] == 0
            expected = content(first, "approved" if what == "approved" else "original")
            assert content(second) == expected
            first.close()
            second.close()


@pytest.mark.parametrize("what", ["originals", "approved"])
@pytest.mark.parametrize("form", FILES, ids=lambda form: form.name)
def test_an_export_imported_into_an_empty_store_gives_the_same_store(migrated: str, form: Any, what: str) -> None:
    splits, labels = ("train", "dev", "test"), [frozenset(), frozenset({"joy"}), frozenset({"anger", "trust"})]
    ids = ["1294030472427835393", "007", "2018-En-00001", "=1", "'x", "ünï", "a b", 'q"', "k,1"]
    tweets = [
        Tweet(
            ids[n] if n < len(ids) else f"k{n}",
            text,
            labels[n % 3],
            splits[n % 3],
            metadata={text: text, "Reviewer": "Ben", "empty": ""} if n % 2 else {},
        )
        for n, text in enumerate(TEXTS)
    ]
    assert_comes_back(migrated, tweets, [1, 5, 9], what, form)


@pytest.mark.parametrize("form", FILES, ids=lambda form: form.name)
def test_any_text_comes_back_as_it_was(migrated: str, form: Any) -> None:
    hypothesis = pytest.importorskip("hypothesis", reason="hypothesis, which writes the texts, is not installed")
    st = hypothesis.strategies
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    parts = st.one_of(st.text(characters, max_size=6), st.sampled_from(TEXTS))
    texts = st.lists(parts, min_size=1, max_size=4).map("".join).filter(str.strip)
    metadata = st.dictionaries(st.text(characters, min_size=1, max_size=5), st.text(characters, max_size=8), max_size=2)
    labels = st.sets(st.sampled_from(["joy", "anger", "trust"])).map(frozenset)
    splits = st.sampled_from(["train", "dev", "test"])

    @hypothesis.settings(max_examples=25, deadline=None, derandomize=True, database=None)
    @hypothesis.given(st.lists(st.tuples(texts, labels, splits, metadata), min_size=1, max_size=5))
    def check(drawn: list[Any]) -> None:
        rest = [Tweet("last", "one plain text at the end", frozenset({"joy"}))]
        tweets = [
            Tweet(f"k{n}", text, labels, split, metadata=metadata)
            for n, (text, labels, split, metadata) in enumerate(drawn)
        ]
        assert_comes_back(migrated, tweets + rest, [], "originals", form)

    check()


@pytest.mark.parametrize("form", FORMATS)
def test_half_a_surrogate_pair_in_a_store_is_written_as_six_characters_and_the_answer_says_so(
    filled: Store, tmp_path: Path, form: str
) -> None:
    with filled.writing() as session:
        add_tweets(session, [Tweet("h1", "whole", frozenset(), metadata={"cut": "off \ud83d", "whole": "🐶"})])
    path = tmp_path / f"out{FORMATS[form].ending}"
    written = write_export(filled, path, "originals", form)
    assert (written.rows, written.rewritten) == (5, 1)
    assert written.notes[0].startswith("1 cell holds half of a surrogate pair")
    if path.is_file():
        [row] = [row for row in rows.read(path, lambda header: []) if row.cells["id"] == "h1"]
        assert row.cells["metadata"] == '{"cut": "off \\ud83d", "whole": "🐶"}'


def test_an_edited_export_keeps_the_columns_that_were_added(filled: Store, tmp_path: Path) -> None:
    write_export(filled, tmp_path / "out.csv", "originals")
    lines = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    mine = [f"{line},{'Note' if n == 0 else f'note {n}'}" for n, line in enumerate(lines)]
    (tmp_path / "mine.csv").write_text("\n".join(mine), "utf-8")
    assert read_tweets(tmp_path / "mine.csv").tweets[0].metadata == {"note": "note 1"}


@pytest.mark.parametrize(
    ("name", "what", "form", "sentence"),
    [
        ("out.pdf", "approved", None, "must end in one of .csv .jsonl .parquet"),
        ("out.parquet", "approved", "spreadsheet", "a file for spreadsheet ends in .csv"),
        ("out", "approved", "excel", "there is no format 'excel'"),
        ("out", "decisions", "datasets", "a folder for datasets holds tweets with labels, not decisions"),
    ],
)
def test_contents_and_formats_that_do_not_go_together_are_refused(
    filled: Store, tmp_path: Path, name: str, what: str, form: str | None, sentence: str
) -> None:
    with pytest.raises(SettingError, match=sentence):
        write_export(filled, tmp_path / name, what, form)
    assert not (tmp_path / name).exists()


def test_a_folder_that_holds_something_is_not_replaced(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(DataFileError, match="is not an empty folder"):
        write_export(filled, tmp_path / "mine", "approved", "argilla")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("form", [form for form in FORMATS if FORMATS[form].is_folder])
def test_a_folder_that_breaks_off_leaves_nothing_behind(
    filled: Store, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("emoclf.export.exported_tweets.ExportedTweet.metadata_json", property(full))
    with pytest.raises(DataFileError, match=r"cannot write .* \(No space left on device\)"):
        write_export(filled, tmp_path / "out", "approved", form)
    assert [path for path in tmp_path.iterdir() if "out" in path.name] == []
