"""
The export section of the Data page: the contents and the format, and the finished file to download.
"""

import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from db.store import Store
from emoclf.errors import EmoclfError
from emoclf.export.formats import FORMATS
from jobs.files.export_tables import FOLDERS, NAMES
from jobs.files.exports import Exported, write_export
from ui.plain_text import tell
from ui.saving import PERSISTENT


@dataclass(frozen=True)
class Download:
    """A finished export: a file, or a folder as one ZIP file."""

    name: str
    content: bytes
    written: Exported


def export_section(store: Store) -> None:
    """Ask for contents and format, write the export, and offer it."""
    st.subheader("Export")
    what, form = st.columns([3, 1])
    chosen = what.selectbox("Contents", list(NAMES), format_func=NAMES.get, key="export-contents", **PERSISTENT)
    offered = [name for name, one in FORMATS.items() if chosen in FOLDERS or not one.is_folder]
    name = form.selectbox(
        "Format",
        offered,
        format_func=lambda name: FORMATS[name].label,
        help="CSV, JSON Lines and Parquet hold every text exactly. In CSV for spreadsheets an apostrophe stands before "
        "IDs and formulas, so that Excel neither rounds nor runs them. The last three are folders, as ZIP files.",
        key="export-format",
        **PERSISTENT,
    )
    if st.button("Prepare the file"):
        _offer(store, chosen, name)


def _offer(store: Store, what: str, form: str) -> None:
    try:
        with st.spinner("Exporting"):
            made = prepare(store, what, form)
    except EmoclfError as error:
        tell(st.error, str(error))
        return
    for words in [made.written.in_words, *made.written.notes]:
        if words:
            st.text(words)
    st.download_button(
        f"Download {made.written.rows:,} rows", made.content, made.name, type="primary", on_click="ignore"
    )
    st.page_link("pages/licences.py", label="See whom to credit when you share it", icon=":material/gavel:")


def prepare(store: Store, what: str, form: str) -> Download:
    """Write an export and return it, ready to download.

    Raises
    ------
    SettingError : if the contents and the format do not go together
    """
    chosen = FORMATS[form]
    with tempfile.TemporaryDirectory() as folder:
        kind = f"-{form}" if chosen.is_folder or form == "spreadsheet" else ""
        path = Path(folder) / f"emoclf-{what}{kind}{chosen.ending or ''}"
        written = write_export(store, path, what, form)
        if not chosen.is_folder:
            return Download(path.name, path.read_bytes(), written)
        return Download(f"{path.name}.zip", _zipped(path), written)


def _zipped(folder: Path) -> bytes:
    """Return a folder as the content of a ZIP file, with the folder's name before each file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent))
    return content.getvalue()
