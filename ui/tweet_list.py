"""
A table of tweets, each with a link to its review card; texts are shown unchanged, never as markup.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from ui.links import link

FOUR_LINES = 84  # row height in pixels; below 65 Streamlit cuts text off instead of wrapping it
NARROW = 330  # tweet width in pixels; leaves room for two columns of sentences


def tweet_list(rows: Sequence[Mapping[str, object]], key: str, sentences: Sequence[str] = ()) -> None:
    """Draw rows with a `key`, a `tweet` and other columns; floats have two decimals.

    The tweet and the `sentences` columns wrap.
    """
    shown = [{"review": link(str(row["key"])), **{k: v for k, v in row.items() if k != "key"}} for row in rows]
    figures = [name for name, value in shown[0].items() if isinstance(value, float)] if shown else []
    st.dataframe(
        shown,
        column_config={
            "review": st.column_config.LinkColumn("review", display_text="open", width="small"),
            "tweet": st.column_config.TextColumn(width=NARROW if sentences else "large"),
            **{name: st.column_config.TextColumn(width="medium") for name in sentences},
            **{name: st.column_config.NumberColumn(format="%.2f", width="small") for name in figures},
        },
        hide_index=True,
        key=key,
        row_height=FOUR_LINES if sentences else None,
    )
