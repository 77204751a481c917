"""
Licences as a table, and the credits that go with them.
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
    """The attributions of models and data, and the papers behind them, with a button that copies them."""
    lines = [one.attribution for one in [*models, *data] if one.attribution]
    st.code("\n".join([*lines, *citations.values()]), language=None, wrap_lines=True)


def licence_banner(model: str) -> None:
    """A quiet warning where the licence of a model limits commercial use, or is not known."""
    if said := warning(model):
        tell(st.warning, said, icon=":material/gavel:")
