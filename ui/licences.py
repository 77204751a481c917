"""
Shows licences as a table, attributions to copy, and a warning about restricted licences.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from emoclf.export.licences import Licence, warning
from ui.plain_text import tell


def licence_table(licences: Sequence[Licence]) -> None:
    """One row per model or data set."""
    rows = [
        {"what": one.work, "licence": one.licence, "commercial use": one.commercial, "source": one.link}
        for one in licences
    ]
    st.dataframe(rows, hide_index=True, column_config={"source": st.column_config.LinkColumn()})


def credits_to_copy(models: Sequence[Licence], data: Sequence[Licence], citations: Mapping[str, str]) -> None:
    """The attributions of models and data, and the papers, with a copy button."""
    lines = [one.attribution for one in [*models, *data] if one.attribution]
    st.code("\n".join([*lines, *citations.values()]), language=None, wrap_lines=True)


def licence_banner(model: str) -> None:
    """A warning if a model's licence limits commercial use or is unknown."""
    if text := warning(model):
        tell(st.warning, text, icon=":material/gavel:")
