"""
Draws the preview of one file: what its columns are taken for, what would be stored, and what would be rejected.
"""

import streamlit as st

from jobs.files.preview import Preview, PreviewRow


def draw(found: Preview) -> None:
    """Draw the counts, the columns and the labels of a file; everything from it is shown as it is, never as markup."""
    st.text(_summary(found))
    for note in found.notes:
        st.text(note)
    counts = {
        "new": found.new,
        "already stored": found.unchanged,
        "in conflict with the store": found.conflicts,
        "rejected in all": found.rejected,
    }
    with st.container(horizontal=True):
        for name, n in counts.items():
            st.metric(name, f"{n:,}", width="content")
    st.text("Labels: " + ", ".join(f"{name} {n:,}" for name, n in found.labels.items()))
    st.text("Columns: " + ", ".join(f"{name} ({role})" for name, role in found.columns.items()))


def draw_rows(found: Preview) -> None:
    """Draw the reasons for rejected rows, and the first rows."""
    if found.rejects:
        st.text("Rejected rows, most frequent reason first")
        rows = [{"rows": one.count, "reason": one.reason, "first line": one.line} for one in found.rejects]
        st.dataframe(rows, hide_index=True, column_config={"reason": st.column_config.TextColumn(width="large")})
    st.text(f"The first {len(found.first)} rows as they will be stored")
    column_config = {
        "state": st.column_config.TextColumn(width=110),
        "tweet": st.column_config.TextColumn(width="large"),
    }
    st.dataframe([_row(one) for one in found.first], hide_index=True, column_config=column_config)


def _summary(found: Preview) -> str:
    encoding = f", {found.encoding}" if found.encoding else ""
    return f"{found.format}{encoding}; split: {found.split}"


def _row(one: PreviewRow) -> dict[str, str]:
    return {
        "state": one.state,
        "ID": one.ID,
        "tweet": one.text,
        "labels": one.labels,
        "split": one.split,
        "metadata": ", ".join(f"{name}: {value}" for name, value in one.metadata.items()),
    }
