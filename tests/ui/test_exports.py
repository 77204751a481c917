"""Tests of the export part of the Data page: every format can be chosen, and folders come as one ZIP file."""

import io
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.store import Store
from emoclf.export.formats import FORMATS
from emoclf.labels import EMOTIONS
from tests.support.pages import words
from ui import uploads
from ui.exports import prepare


def test_a_file_is_offered_under_the_name_of_its_contents(filled: Store) -> None:
    made = prepare(filled, "originals", "spreadsheet")
    assert (made.name, made.written.rows) == ("emoclf-originals-spreadsheet.csv", 4)
    assert made.content.startswith(b"\xef\xbb\xbfID,Tweet,")


@pytest.mark.parametrize(
    ("form", "file"),
    [("datasets", "data/train.parquet"), ("label-studio", "tasks.json"), ("argilla", ".argilla/settings.json")],
)
def test_a_folder_for_another_program_is_one_zip_file(filled: Store, form: str, file: str) -> None:
    made = prepare(filled, "approved", form)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert f"emoclf-approved-{form}/{file}" in archive.namelist()
    assert made.name == f"emoclf-approved-{form}.zip"


def test_the_page_offers_every_format_and_for_other_contents_only_tables(
    app: AppTest, filled: Store, on_its_own: None
) -> None:
    app.run()
    page = app.switch_page("pages/data.py").run()
    contents, form = page.selectbox(key="export-contents"), page.selectbox(key="export-format")
    assert form.options == [one.label for one in FORMATS.values()]
    contents.set_value("decisions").run()
    assert page.selectbox(key="export-format").options == ["CSV", "CSV for spreadsheets", "JSON Lines", "Parquet"]
    contents.set_value("approved").run()
    next(one for one in page.button if one.label == "Prepare the file").click().run()
    assert "Labels: 0 decided, 4 original." in words(page)


def test_each_of_several_files_has_all_its_rejected_rows_to_download(store: Store, tmp_path: Path) -> None:
    header, broken = ",".join(["Tweet", *EMOTIONS.names]), ",".join("7" * 11)
    good = f"hello there,{','.join('0' * 11)}"
    for name, n in (("a.csv", 2), ("b.csv", 700)):
        lines = [header, f"{name} {good}", *(f"bad {m},{broken}" for m in range(n))]
        taken = uploads.take(store, name, "\n".join(lines).encode(), None)
        assert taken.rejects.decode("utf-8-sig").count("anger is '7', expected 0 or 1") == n
