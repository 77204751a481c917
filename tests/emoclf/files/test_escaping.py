"""Tests of CSV exports: exact ones, those for spreadsheets, and those of earlier versions are all read as they were."""

import csv
from pathlib import Path

import pytest

from emoclf.files import rows
from emoclf.files.escaping import escaped, unescaped, without_formula
from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from tests.support.tweet_files import HEADER, record

TEXTS = ["=1+1", "@ana hello", "+1 for this", "-_-", "'@quoted", "'tis so", "plain", "\tx", "＝1", " =1", "12", "3 May"]
OWN = [*HEADER, "label_origin"]


def records() -> list[dict[str, object]]:
    ids = ["1294030472427835393", "007", "1e5", "2-3"]
    found = [*ids, *(f"k{n}" for n in range(len(TEXTS)))]
    return [record(text, key=key, label_origin="original") for key, text in zip(found, TEXTS, strict=False)]


def cells(path: Path, encoding: str = "utf-8") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("for_spreadsheet", [False, True])
def test_what_is_exported_as_csv_is_read_back_unchanged(tmp_path: Path, for_spreadsheet: bool) -> None:
    rows.write(tmp_path / "a.csv", records(), OWN, for_spreadsheet=for_spreadsheet)
    found = read_tweets(tmp_path / "a.csv").tweets
    assert [(tweet.key, tweet.text) for tweet in found] == [(one["ID"], one["Tweet"]) for one in records()]
    assert [tweet.metadata for tweet in found] == [{}] * len(found)


def test_plain_csv_holds_the_texts_exactly(tmp_path: Path) -> None:
    rows.write(tmp_path / "a.csv", records(), OWN)
    assert [row[1] for row in cells(tmp_path / "a.csv")[1:]] == TEXTS


def test_csv_for_spreadsheets_has_a_byte_order_mark_and_no_cell_that_is_run_or_rounded(tmp_path: Path) -> None:
    rows.write(tmp_path / "a.csv", records(), OWN, for_spreadsheet=True)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfID,")
    found = cells(tmp_path / "a.csv", "utf-8-sig")[1:]
    assert [row[0] for row in found][:5] == ["'1294030472427835393", "'007", "'1e5", "'2-3", "k0"]
    assert [row[1] for row in found if not row[1].startswith("'")] == ["plain"]
    assert found[0][2 : 2 + len(EMOTIONS)] == ["0", "0", "0", "0", "1", "0", "0", "0", "0", "0", "0"]


@pytest.mark.parametrize("text", ["", "'", "''", "'=1", "=1", "x", "1", "'1", "May", "maybe 3", "true"])
def test_a_cell_is_unescaped_to_what_it_was(text: str) -> None:
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("text", ["1" * 10_000 + "x", "may" + "1" * 10_000 + "x", " " * 10_000 + "x"])
def test_long_cells_are_looked_at_in_no_time(text: str) -> None:
    assert escaped(text) == text


def test_an_export_of_an_earlier_version_is_read_as_it_was_meant(tmp_path: Path) -> None:
    labels = ",".join("01".ljust(11, "0"))
    lines = [
        ",".join(OWN),
        f"1,'=1+1,{labels},original",
        f"'2,''@quoted,{labels},original",
        f"3,'90s kid,{labels},decision",
    ]
    (tmp_path / "a.csv").write_text("\r\n".join(lines) + "\r\n", "utf-8", newline="")
    found = [(tweet.key, tweet.text) for tweet in read_tweets(tmp_path / "a.csv").tweets]
    assert found == [("1", "=1+1"), ("'2", "'@quoted"), ("3", "'90s kid")]


LEADS = ["", " ", "\xa0", "\u3000", "\t", "\r", "\n", "\u200b", "\ufeff", "\u2060", "\xad", " \u200b\t"]
SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫"]


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("sign", SIGNS)
def test_a_formula_is_escaped_behind_white_space_and_invisible_characters_and_with_other_signs(
    lead: str, sign: str
) -> None:
    text = f"{lead}{sign}cmd|'/c calc'!A0"
    assert escaped(text) == f"'{text}"
    assert unescaped(escaped(text)) == text
    assert without_formula(text) == f"'{text}"


def test_exact_exports_hold_formulas_exactly_and_those_for_spreadsheets_come_back(tmp_path: Path) -> None:
    texts = [f"{lead}{sign}1+1" for lead in LEADS for sign in SIGNS]
    found = [record(text, key=f"k{n}", label_origin="original") for n, text in enumerate(texts)]
    rows.write(tmp_path / "exact.csv", found, OWN)
    rows.write(tmp_path / "sheet.csv", found, OWN, for_spreadsheet=True)
    assert [row[1] for row in cells(tmp_path / "exact.csv")[1:]] == texts
    assert all(row[1].startswith("'") for row in cells(tmp_path / "sheet.csv", "utf-8-sig")[1:])
    for name in ("exact.csv", "sheet.csv"):
        assert [tweet.text for tweet in read_tweets(tmp_path / name).tweets] == texts


def test_figures_of_a_table_are_no_formulas() -> None:
    for cell in ("-1.0 (-2.1 … +0.3)", "−1.0", "+0.3", "", "joy", -1.0, None):
        assert without_formula(cell) == cell
