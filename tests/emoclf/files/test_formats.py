"""Tests of the formats that people have: encodings, workbooks, JSON, compressed files, and columns of labels."""

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from emoclf.errors import DataFileError, SettingError
from emoclf.files import rows
from emoclf.files.corpora import read_corpus
from emoclf.files.reading import Reading
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from tests.support.tweet_files import HEADER, record, write

TEXTS = ["Café closed again, furious… “why”", "I can't believe we won", "Trust me, it will be fine"]
RECORDS = [record(TEXTS[0], "anger", "1"), record(TEXTS[1], "joy surprise", "2"), record(TEXTS[2], "trust", "3")]
LABELS = [["anger"], ["joy", "surprise"], ["trust"]]


def as_csv(delimiter: str = ",") -> str:
    lines = [HEADER, *([f'"{cell}"' for cell in one.values()] for one in RECORDS)]
    return "\r\n".join(delimiter.join(line) for line in lines) + "\r\n"


def contents(path: Path, **reading: Any) -> list[tuple[str, str, set[str]]]:
    file = read_tweets(path, reading=Reading(**reading))
    assert file.rejects == []
    return [(tweet.key, tweet.text, set(tweet.original)) for tweet in file.tweets]


EXPECTED = [(str(n), text, set(labels)) for n, (text, labels) in enumerate(zip(TEXTS, LABELS, strict=True), start=1)]


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_file_is_read_in_its_encoding_which_is_named(
    tmp_path: Path, codec: str, named: str, delimiter: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(as_csv(delimiter).encode(codec))
    assert contents(path) == EXPECTED
    assert read_tweets(path).encoding == named


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", "Привет, как дела сегодня, я очень рад тебя видеть"),
        ("cp1253", "Είμαι πολύ χαρούμενος σήμερα που σε βλέπω"),
        ("cp932", "今日はとても嬉しいです、ありがとう"),
        ("gb18030", "今天我非常高兴，谢谢你"),
    ],
)
def test_other_encodings_are_found_or_told(tmp_path: Path, codec: str, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(as_csv().replace(TEXTS[1], text).encode(codec, errors="ignore"))
    assert read_tweets(path).tweets[1].text == text
    assert read_tweets(path, reading=Reading(encoding=codec)).tweets[1].text == text
    with pytest.raises(SettingError, match="there is no encoding 'klingon'"):
        read_tweets(path, reading=Reading(encoding="klingon"))


def test_a_few_broken_bytes_in_utf_8_reject_their_rows_and_change_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    emoji = record("😡 😡 😡 😡", key="4")
    written = write(path, *RECORDS, emoji).read_bytes()
    path.write_bytes(written.replace(b"Trust me", b"Trust \xff me"))
    file = read_tweets(path)
    assert [tweet.text for tweet in file.tweets] == [*TEXTS[:2], "😡 😡 😡 😡"]
    assert [(one.line, "bytes that are not UTF-8" in one.reason) for one in file.rejects] == [(4, True)]


def workbook(path: Path, table: list[list[Any]]) -> Path:
    """Write a minimal Excel workbook of one sheet."""

    def cell(value: Any) -> str:
        if isinstance(value, str):
            escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
            return f'<c t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    sheet = "".join(f"<row>{''.join(map(cell, one))}</row>" for one in table)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Tweets" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{content}')
    return path


@pytest.mark.parametrize("name", ["a.xlsx", "renamed.csv"])
def test_an_excel_workbook_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    table = [list(HEADER), *(list(one.values()) for one in RECORDS)]
    for n, one in enumerate(table[1:], start=1):
        one[0] = n  # Excel stores the IDs as numbers
    assert contents(workbook(tmp_path / name, table)) == EXPECTED


def test_rounded_ids_in_a_workbook_are_refused(tmp_path: Path) -> None:
    table = [list(HEADER), [1.29403047242784e18, *list(RECORDS[0].values())[1:]]]
    with pytest.raises(DataFileError, match="look rounded"):
        read_tweets(workbook(tmp_path / "a.xlsx", table))


def test_a_file_that_only_calls_itself_a_workbook_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(DataFileError, match=r"a\.xlsx cannot be read as an Excel workbook"):
        read_tweets(tmp_path / "a.xlsx")


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_of_json_objects_is_read(tmp_path: Path, name: str, indent: int | None) -> None:
    (tmp_path / name).write_text(json.dumps(RECORDS, indent=indent), "utf-8")
    assert contents(tmp_path / name) == EXPECTED


def test_a_json_array_that_breaks_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(RECORDS, indent=1)[:-20], "utf-8")
    with pytest.raises(DataFileError, match=r"a\.json is neither valid JSON"):
        read_tweets(tmp_path / "a.json")
    (tmp_path / "b.json").write_text(json.dumps({"a": RECORDS}, indent=1), "utf-8")
    with pytest.raises(DataFileError, match="holds a single JSON value; expected an array of objects"):
        read_tweets(tmp_path / "b.json")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json", "a.tsv"])
def test_a_compressed_text_file_is_read(tmp_path: Path, name: str) -> None:
    plain = tmp_path / name
    if name == "a.json":
        plain.write_text(json.dumps(RECORDS), "utf-8")
    else:
        write(plain, *RECORDS)
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert contents(packed) == EXPECTED
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(DataFileError, match="cannot be decompressed"):
        read_tweets(packed)


@pytest.mark.parametrize("column", ["labels", "Label", "emotions", "emotion"])
@pytest.mark.parametrize(
    "form",
    [
        ", ".join,
        "|".join,
        "#".join,
        ";".join,
        str,
        json.dumps,
        lambda names: str(names).replace(",", ""),
        lambda names: json.dumps({"choices": names}),
        lambda names: json.dumps({name: int(name in names) for name in EMOTIONS.names}),
        lambda names: [int(name in names) for name in EMOTIONS.names],
        lambda names: str([float(name in names) for name in EMOTIONS.names]),
        lambda names: " ".join(str(int(name in names)) for name in EMOTIONS.names),
        list,
    ],
)
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_one_column_of_labels_takes_the_place_of_eleven(tmp_path: Path, column: str, form: Any, ending: str) -> None:
    records_ = [{"id": n, "text": text, column: form(labels)} for n, text, labels in EXPECTED_IN_ORDER]
    path = tmp_path / f"a.{ending}"
    rows.write(path, records_, list(records_[0]))
    assert contents(path) == EXPECTED
    texts = read_corpus(path, EMOTIONS.names).texts
    assert [{EMOTIONS.names[j] for j in one.labels} for one in texts] == [labels for _, _, labels in EXPECTED]


EXPECTED_IN_ORDER = [
    (str(n), text, labels) for n, (text, labels) in enumerate(zip(TEXTS, LABELS, strict=True), start=1)
]


def test_an_unknown_name_is_a_reject_that_names_it_and_a_blank_one_says_what_would_do(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,labels\nso happy,joy\nso mad,rage\nwhat now,\n", "utf-8")
    file = read_tweets(path)
    assert [tweet.original for tweet in file.tweets] == [{"joy"}]
    assert "'rage' is not one of the emotions anger" in file.rejects[0].reason
    assert "--blank-is-0 reads blanks as no emotion" in file.rejects[1].reason
    assert [set(tweet.original) for tweet in read_tweets(path, reading=Reading(blank_is_0=True)).tweets] == [
        {"joy"},
        set(),
    ]


def test_label_numbers_of_a_hugging_face_file_have_the_names_that_stand_beside_them(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    label = {"_type": "ClassLabel", "names": ["joy", "anger"]}
    table = pyarrow.table({"text": ["so happy", "so mad"], "label": [0, 1]})
    info = json.dumps({"info": {"features": {"label": label}}})
    pyarrow.parquet.write_table(table.replace_schema_metadata({"huggingface": info}), tmp_path / "a.parquet")
    assert [tweet.original for tweet in read_tweets(tmp_path / "a.parquet").tweets] == [{"joy"}, {"anger"}]


def test_numbers_of_more_emotions_than_eleven_refuse_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a b", "labels": [0]}\n{"text": "c d", "labels": [27]}\n', "utf-8")
    with pytest.raises(DataFileError, match="on line 2, 27 is not an emotion: they are numbered from 0 to 10"):
        read_tweets(path)


def test_a_column_of_ids_is_never_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    ids = ["1294030472427835393", "1294030472427835555"]
    body = io.StringIO()
    for n, one in enumerate(ids):
        body.write(f"{one},{TEXTS[n + 1]!r},joy\n".replace("'", '"').replace('can"t', "can't"))
    path.write_text(f"tweet,text,labels\n{body.getvalue()}", "utf-8")
    file = read_tweets(path)
    assert [(tweet.key, tweet.text) for tweet in file.tweets] == list(zip(ids, TEXTS[1:], strict=True))
    assert file.notes == ("The texts are from the column text, since the column tweet holds IDs.",)
    path.write_text(path.read_text("utf-8").replace("tweet,text,", "tweet,words,"), "utf-8")
    with pytest.raises(DataFileError, match=r"the column tweet of a\.csv holds IDs, not texts"):
        read_tweets(path)


@pytest.mark.parametrize(
    ("ids", "is_refused"),
    [
        (["1.29403E+18", "1.29403E+18"], True),
        (["1,29403E+18", "7"], True),
        (["1.0", "2.0"], True),
        (["1294030472427830000", "1294030500000000000"], True),
        (["1294030472427835393", "1294030500000000000"], False),
        (["1.1", "1.2"], False),
        (["12e4", "2018e10"], False),
        (["100", "200"], False),
    ],
)
def test_ids_that_look_rounded_are_refused_for_the_whole_file(tmp_path: Path, ids: list[str], is_refused: bool) -> None:
    path = write(tmp_path / "a.csv", *(record(f"text {n}", key=f"{one}") for n, one in enumerate(ids)))
    path.write_text(path.read_text("utf-8").replace("1,29403E+18", '"1,29403E+18"').replace('""', '"'), "utf-8")
    if is_refused:
        with pytest.raises(DataFileError, match=r"the IDs of a\.csv look rounded, .* export the IDs again as text"):
            read_tweets(path)
    else:
        assert [tweet.key for tweet in read_tweets(path).tweets] == ids


def test_floating_point_ids_of_parquet_and_json_are_refused(tmp_path: Path) -> None:
    for ending in ("parquet", "jsonl"):
        numbered = [record("so happy") | {"ID": 1294030472427835393.0}, record("so mad") | {"ID": 2.0}]
        with pytest.raises(DataFileError, match="look rounded"):
            read_tweets(write(tmp_path / f"a.{ending}", *numbered))
        exact = record() | {"ID": 1294030472427835393}
        assert read_tweets(write(tmp_path / f"b.{ending}", exact)).tweets[0].key == "1294030472427835393"


def test_metadata_that_no_store_can_hold_is_made_storable(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(record(user="cut off \ud83d", place="nul \0 inside")), "utf-8")
    assert read_tweets(path).tweets[0].metadata == {"user": "cut off \ufffd", "place": "nul \ufffd inside"}
