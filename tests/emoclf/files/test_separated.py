"""Tests of separated text: no quote changes a text or swallows rows, and every line is read or rejected."""

import csv
import io
import random
from pathlib import Path

import pytest

from emoclf.files.reading import Reading
from emoclf.files.tweet_files import DataFile, read_tweets
from tests.support.tweet_files import HEADER

JOY, NONE = "0,0,0,0,1,0,0,0,0,0,0", "0,0,0,0,0,0,0,0,0,0,0"
TSV_HEADER = "\t".join(HEADER)


def read(path: Path, *lines: str, ending: str = "\n") -> DataFile:
    path.write_text(ending.join(lines) + ending, encoding="utf-8", newline="")
    return read_tweets(path)


def csv_file(path: Path, *lines: str) -> DataFile:
    return read(path, ",".join(HEADER), *lines)


def tsv_file(path: Path, *texts: str) -> DataFile:
    labels = JOY.replace(",", "\t")
    return read(path, TSV_HEADER, *(f"{n}\t{text}\t{labels}" for n, text in enumerate(texts)))


def test_a_quote_that_never_closes_rejects_each_of_its_lines(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "a.csv", f"1,so happy,{JOY}", f'2,"best day ever,{JOY}', f"3,no,{NONE}", f"4,ok,{NONE}")
    assert [tweet.key for tweet in file.tweets] == ["1"]
    assert [reject.line for reject in file.rejects] == [3, 4, 5]
    assert "a quote opens a cell and never closes" in file.rejects[0].reason


@pytest.mark.parametrize("closing", ['5,"oh well', '5,oh well"'])
def test_a_quote_that_closes_rows_later_rejects_them_and_the_next_row_is_read(tmp_path: Path, closing: str) -> None:
    file = csv_file(
        tmp_path / "a.csv",
        f"1,so happy,{JOY}",
        f'2,"best day ever,{JOY}',
        f"3,nothing works,{NONE}",
        f"{closing},{NONE}",
        f"6,fine with me,{JOY}",
    )
    assert [(tweet.key, tweet.text) for tweet in file.tweets] == [("1", "so happy"), ("6", "fine with me")]
    assert [reject.line for reject in file.rejects] == [3, 4, 5]


def test_a_quote_within_a_cell_in_quotes_is_rejected_and_not_dropped(tmp_path: Path) -> None:
    file = csv_file(tmp_path / "a.csv", f'1,"best" day,{JOY}', f'2,he said "no",{JOY}')
    assert [tweet.text for tweet in file.tweets] == ['he said "no"']
    assert [reject.line for reject in file.rejects] == [2]


@pytest.mark.parametrize("place", [0, 6, 12])
def test_cells_with_line_breaks_are_read_in_any_column(tmp_path: Path, place: int) -> None:
    text = 'one, two\nthree "four"\r\n\n1,2'
    header = HEADER[2:]
    header.insert(min(place, 11), "Tweet")
    rows = [[str(int(name == "joy")) for name in header], [str(int(name == "fear")) for name in header]]
    for n, row in enumerate(rows):
        row[header.index("Tweet")] = text + str(n)
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    found = read_tweets(path)
    assert [tweet.text for tweet in found.tweets] == [f"{text}0", f"{text}1"]
    assert (found.lines, found.spans) == (8, {2: 4, 6: 4})


def test_the_published_form_keeps_every_quote(tmp_path: Path) -> None:
    texts = ['"Worry is a down payment', 'never have". Joyce', '"all of it"', 'he said ""no""', "“so” 'it' goes, then"]
    file = tsv_file(tmp_path / "2018-E-c-En-train.txt", *texts)
    assert [tweet.text for tweet in file.tweets] == texts
    assert file.rejects == []


def test_a_tweet_that_is_wholly_in_quotes_keeps_them_in_the_published_form(tmp_path: Path) -> None:
    texts = ['"No, never", he said', '"to be, or not to be"', "well, well"]
    assert [tweet.text for tweet in tsv_file(tmp_path / "a.txt", *texts).tweets] == texts


def test_tab_separated_text_of_pandas_is_read_with_its_quotes(tmp_path: Path) -> None:
    written = ['"He said ""fine"" and left"', '"""Quote of the day"" is silly"', "plain words", '"line one\nline two"']
    file = tsv_file(tmp_path / "a.tsv", *written)
    assert [tweet.text for tweet in file.tweets] == [
        'He said "fine" and left',
        '"Quote of the day" is silly',
        "plain words",
        "line one\nline two",
    ]
    assert (file.lines, file.spans) == (5, {5: 2})
    assert file.notes == ("Quotes around cells were read as quotes, not as text.",)


def test_tab_separated_text_of_excel_has_quotes_around_cells_with_a_comma(tmp_path: Path) -> None:
    file = tsv_file(tmp_path / "a.txt", '"Nothing left, just sad"', '"Trust me, it is fine"', "no comma")
    assert [tweet.text for tweet in file.tweets] == ["Nothing left, just sad", "Trust me, it is fine", "no comma"]


def test_a_header_in_quotes_shows_that_all_cells_are(tmp_path: Path) -> None:
    quoted = ["\t".join(f'"{cell}"' for cell in row) for row in (HEADER, ["1", "so happy", *JOY.split(",")])]
    [tweet] = read(tmp_path / "a.tsv", *quoted).tweets
    assert (tweet.key, tweet.text, tweet.original) == ("1", "so happy", {"joy"})


def test_a_tab_within_quotes_shows_that_quotes_stand_around_cells(tmp_path: Path) -> None:
    file = tsv_file(tmp_path / "a.tsv", '"one\ttwo"', "three")
    assert [tweet.text for tweet in file.tweets] == ["one\ttwo", "three"]


def test_texts_that_are_all_in_quotes_are_read_without_them(tmp_path: Path) -> None:
    assert [tweet.text for tweet in tsv_file(tmp_path / "a.tsv", '"one"', '"two"', '"three"').tweets] == [
        "one",
        "two",
        "three",
    ]


@pytest.mark.parametrize("delimiter", [";", "\t", ",", "|"])
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.tsv"])
@pytest.mark.parametrize("says_so", [False, True])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str, name: str, says_so: bool) -> None:
    lines = [delimiter.join(row) for row in (HEADER, ["1", "so happy; yes", *JOY.split(",")])]
    lines[1] = lines[1].replace("so happy; yes", '"so happy; yes"') if delimiter == ";" else lines[1]
    file = read(tmp_path / name, *([f"sep={delimiter}"] * says_so), *lines, ending="\r\n")
    assert [(tweet.key, tweet.text, tweet.original) for tweet in file.tweets] == [("1", "so happy; yes", {"joy"})]
    assert (file.rejects, file.lines) == ([], 1)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.tsv", "\t"), ("a.txt", ";")])
def test_every_line_of_data_is_read_or_rejected(tmp_path: Path, seed: int, name: str, delimiter: str) -> None:
    draw = random.Random(seed)
    parts = ["so", " ", '"', '""', delimiter, "\n", "\r\n", "happy", ",", ";", "\t", "'", "é", f"{delimiter}0" * 11]
    rows = []
    for n in range(40):
        text = "".join(draw.choices(parts, k=draw.randint(1, 8))) + "."
        cells = [str(n), text, *draw.choices("01", k=11)]
        written = io.StringIO()
        csv.writer(written, delimiter=delimiter, lineterminator="").writerow(cells)
        rows.append(written.getvalue() if draw.random() < 0.8 else delimiter.join(cells))
    path = tmp_path / name
    whole = "\n".join([delimiter.join(HEADER), *rows])
    path.write_text(whole, encoding="utf-8", newline="")
    file = read_tweets(path, reading=Reading(raters="first"))
    lines = list(io.StringIO(whole, newline=""))[1:]
    taken = [row.line + n for row in [*file.tweets, *file.rejects] for n in range(file.spans.get(row.line, 1))]
    assert len(taken) == len(set(taken)) == file.lines
    blank = [n for n, line in enumerate(lines, start=2) if not line.strip(f'"{delimiter}\r\n')]
    assert set(range(2, len(lines) + 2)) - set(taken) <= set(blank)
