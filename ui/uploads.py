"""
Imports files uploaded in the browser, and keeps the results while the page is open.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from db.store import Store
from emoclf.errors import EmoclfError, NothingReadError
from emoclf.files.reading import AS_FOUND, LABELS_AS, RATERS, Reading
from jobs.files.imports import import_file
from ui.saving import PERSISTENT

AS_SHOWN = "as the file shows"
# Session state keys of the options that are on or off.
FIELDS = {"--blank-is-0": "import-blank", "--unlabelled": "import-unlabelled", "--confirm": "import-confirm"}
ENDINGS = ["txt", "tsv", "csv", "jsonl", "ndjson", "json", "parquet", "xlsx", "gz"]


@dataclass(frozen=True)
class Taken:
    """The result of one uploaded file."""

    name: str
    words: str
    is_good: bool
    rejects: bytes = b""  # the file of rejected rows


def take(
    store: Store, name: str, content: bytes, split: str | None, reading: Reading = AS_FOUND, by: str | None = None
) -> Taken:
    """Import an uploaded file; an unusable file yields a message, so that the others continue."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        try:
            counts = import_file(store, path, split, Path(folder), reading, by)
        except NothingReadError as error:
            return Taken(name, str(error), is_good=False, rejects=_content(error.rejects_file))
        except EmoclfError as error:
            return Taken(name, str(error), is_good=False)
        rejects = Path(counts["rejects_file"]).read_bytes() if counts["rejects_file"] else b""
    stored = f"{counts['imported']:,} imported, {counts['unchanged']:,} already in the store"
    counted = f"{stored}, {counts['rejected']:,} rejected; split: {counts['split']}."
    words = " ".join([f"{name}: {counted}", *counts["words"]])
    is_good = counts["imported"] + counts["unchanged"] + (counts["labels_added"] or 0) > 0
    return Taken(name, words, is_good, rejects=rejects)


def _content(path: Path | None) -> bytes:
    return path.read_bytes() if path else b""


def _choice(label: str, options: Sequence[Any], key: str) -> Any:
    """Draw a choice; None leaves it to the file."""
    chosen = st.segmented_control(label, [AS_SHOWN, *options], default=AS_SHOWN, required=True, key=key, **PERSISTENT)
    return None if chosen == AS_SHOWN else chosen


def reading_options() -> Reading:
    """Fields for what a person says about files that can be read in several ways; each is named as in the messages."""
    with st.expander("How the files are read"):
        st.caption("Needed only where a message asks for it, or where tweets have no labels.")
        labels = _choice("Labels in one column (--labels-as)", LABELS_AS, "import-labels-as")
        first = _choice("Number of the first emotion (--first-number)", (0, 1), "import-first-number")
        raters = _choice("Several rows with the same tweet (--raters)", RATERS, "import-raters")
        blank = st.checkbox("Blank label cells are 0 (--blank-is-0)", key=FIELDS["--blank-is-0"], **PERSISTENT)
        unlabelled = st.checkbox(
            "Tweets without labels (--unlabelled)",
            help="For files without columns of labels, and rows whose labels are all blank.",
            disabled=blank,
            key=FIELDS["--unlabelled"],
            **PERSISTENT,
        )
        emotions = st.text_input(
            "What label numbers stand for, with commas between (--emotions)",
            placeholder="the eleven emotions",
            key="import-emotions",
            **PERSISTENT,
        )
        confirm = st.checkbox("Import files that look misread (--confirm)", key=FIELDS["--confirm"], **PERSISTENT)
        encoding = st.text_input(
            "Encoding (--encoding)", placeholder="found from the bytes", key="import-encoding", **PERSISTENT
        )
    return Reading(
        labels,
        first,
        blank,
        encoding.strip() or None,
        confirm,
        unlabelled=unlabelled and not blank,
        raters=raters,
        label_names=tuple(name.strip().lower() for name in emotions.split(",") if name.strip()),
    )
