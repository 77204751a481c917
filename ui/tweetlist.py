"""
A list of tweets, each with a link that opens it on the review card; the text is shown as it came, never as markup.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from ui.links import link


def tweet_list(rows: Sequence[Mapping[str, object]], key: str) -> None:
    """Draw rows that have a `key` and a `tweet`, and whatever else; figures between 0 and 1 with two decimals."""
    shown = [{"review": link(str(row["key"])), **{k: v for k, v in row.items() if k != "key"}} for row in rows]
    figures = [name for name, value in shown[0].items() if isinstance(value, float)] if shown else []
    st.dataframe(
        shown,
        column_config={
            "review": st.column_config.LinkColumn("review", display_text="open", width="small"),
            "tweet": st.column_config.TextColumn(width="large"),
            **{name: st.column_config.NumberColumn(format="%.2f", width="small") for name in figures},
        },
        hide_index=True,
        key=key,
    )
