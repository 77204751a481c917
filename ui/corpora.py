"""
Auxiliary corpora on the page: what there is for a first stage of training, and a way to remove it.
"""

from functools import partial

import streamlit as st

from db.store import Store
from jobs.files import corpora
from ui.saving import saved


def corpora_section(store: Store) -> None:
    """List the corpora, each with its texts, its emotions and a button to remove it; nothing where there are none."""
    held = corpora.listing(store)
    if not held:
        return
    st.subheader("Auxiliary corpora")
    st.caption(
        "Texts labelled with other emotions. An encoder is trained on them once, as a first stage; they are "
        "never reviewed or scored."
    )
    for one in held:
        name, emotions, button = st.columns([4, 10, 3], vertical_alignment="center")
        name.text(f"{one['corpus']}\n{one['texts']:,} texts")
        emotions.text(", ".join(one["emotions"]) + (f"\nLicence: {one['licence']}" if one["licence"] else ""))
        with button.popover("Remove"):
            st.text(f"Encoders that were trained on {one['corpus']} stay.")
            label, key = f"Remove {one['texts']:,} texts", f"remove-{one['corpus']}"
            if st.button(label, key=key, type="primary") and saved(partial(corpora.remove, store, one["corpus"])):
                st.rerun()
