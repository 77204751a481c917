"""
Selectboxes with which a user says what the columns of a file are taken for.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from ui.imports.cached_previews import Asked
from ui.saving import PERSISTENT

AS_FOUND = "as found"
PURPOSES = {
    "text_column": "Texts (--text-column)",
    "id_column": "IDs (--id-column)",
    "labels_column": "Labels (--labels-column)",
    "split_column": "Splits (--split-column)",
}


def choose(n: int, names: Sequence[str], asked: Asked) -> Asked:
    """Draw the selectboxes of the n-th file; return the request with the columns that were chosen.

    Raises
    ------
    SettingError : if one column is chosen for two purposes
    """
    if not names:
        return asked
    # A file with other columns has other fields, so that no choice is taken over to a column that is not there.
    digest = hashlib.sha256("\n".join(names).encode(errors="replace")).hexdigest()[:12]
    with st.container(horizontal=True):
        chosen = {
            field: st.selectbox(label, [AS_FOUND, *names], key=f"import-{field}-{n}-{digest}", width=172, **PERSISTENT)
            for field, label in PURPOSES.items()
        }
    picked = {field: column for field, column in chosen.items() if column in names}
    return replace(asked, reading=replace(asked.reading, **picked))
