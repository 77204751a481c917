"""
The import section of the Data page: files are chosen, previewed, and stored with one button.
"""

import re
from dataclasses import replace

import streamlit as st

from db.store import Store
from emoclf.errors import DataFileError, SettingError
from emoclf.tweets import SPLITS
from jobs.files.preview import Preview
from ui import cached, uploads
from ui.imports import columns, file_preview
from ui.imports.cached_previews import Asked, Upload, clear, columns_of, preview_of
from ui.plain_text import escape, tell
from ui.saving import PERSISTENT
from ui.steps import link_to_next
from ui.uploads import FIELDS

AS_IN_FILE = "as in the file"
# Options that the message on an unreadable file may name, and the button that chooses the option for the user.
REMEDIES = {
    "--unlabelled": "The file has tweets without labels",
    "--blank-is-0": "Blank label cells mean 0",
    "--confirm": "The file is right as it is",
}
CONTRADICTIONS = {"--unlabelled": "--blank-is-0", "--blank-is-0": "--unlabelled"}


def import_section(store: Store, reviewer: str) -> None:
    """Let the user choose files, show what importing each would do, and import them on request."""
    st.subheader("Import")
    chosen = st.file_uploader(
        "SemEval E-c files as published (tab-separated), or CSV, JSON, Parquet or Excel files with a Tweet column, and "
        "a column per emotion or one column labels",
        type=uploads.ENDINGS,
        accept_multiple_files=True,
        key="import-files",
        on_change=lambda: st.session_state.pop("imported", None),  # what is said of earlier files
    )
    options = [AS_IN_FILE, *SPLITS]
    split = st.segmented_control("Split", options, default=AS_IN_FILE, required=True, key="import-split", **PERSISTENT)
    reading = uploads.reading_options()
    files = [Upload.of(one) for one in chosen]
    asked = [Asked(file, split if split in SPLITS else None, reading) for file in files]
    asked = [_previewed(store, n, one) for n, one in enumerate(asked)]
    is_any_readable = any(one.is_readable for one in asked)
    if asked and not is_any_readable:
        which = "This file cannot" if len(asked) == 1 else "None of these files can"
        st.caption(f"{which} be imported as it is read now; the message above says why, and what would do.")
    if st.button("Import", type="primary", disabled=not is_any_readable):
        with st.spinner("Importing"):
            st.session_state["imported"] = [
                uploads.take(store, one.file.name, one.file.content, one.split, one.reading, reviewer) for one in asked
            ]
        clear()
        cached.sizes.clear()
        st.rerun()  # the previews above compare the files with the store
    _results(store)


def _previewed(store: Store, n: int, asked: Asked) -> Asked:
    """Draw the preview of the n-th file; return how it is read once the user has chosen columns."""
    with st.expander(f"Preview of {escape(asked.file.name)}", expanded=True, key=f"preview-{n}"):
        names = columns_of(asked.file, asked.reading)
        above = st.container()
        try:
            asked = columns.choose(n, names, asked)
            found: Preview | None = preview_of(store, asked)
        except (DataFileError, SettingError) as problem:
            found = None
            with above:
                tell(st.error, str(problem))
                _remedies(n, str(problem))
        if found is not None:
            with above:
                file_preview.draw(found)
            file_preview.draw_rows(found)
    return replace(asked, is_readable=found is not None)


def _remedies(n: int, problem: str) -> None:
    """Draw a button for each option that the message names and that is on or off; the others have fields."""
    named = [option for option in REMEDIES if option in problem]
    with st.container(horizontal=True):
        for option in named:
            st.button(REMEDIES[option], key=f"remedy{option}-{n}", on_click=_choose, args=(option,))
    if re.search("--[a-z]", re.sub("|".join(REMEDIES), "", problem)):
        st.caption("The options that begin with \\-\\- are under “How the files are read” and below.")


def _choose(option: str) -> None:
    """Turn an option on, and the option that contradicts it off."""
    st.session_state[FIELDS[option]] = True
    if other := CONTRADICTIONS.get(option):
        st.session_state[FIELDS[other]] = False


def _results(store: Store) -> None:
    """What was imported, and the step that comes next."""
    for n, taken in enumerate(st.session_state.get("imported", [])):
        tell(st.success if taken.is_good else st.error, taken.words)
        if taken.rejects:
            label = f"Download the rejected rows of {escape(taken.name)}, with reasons"
            st.download_button(label, taken.rejects, f"{taken.name}.rejects.csv", key=f"rejects-{n}", on_click="ignore")
    if any(taken.is_good for taken in st.session_state.get("imported", [])):
        link_to_next(store)
