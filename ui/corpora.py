"""
Lists auxiliary corpora on the Data page, with buttons to remove them.
"""

from functools import partial

import streamlit as st

from db.store import Store
from jobs.files import corpora
from ui.saving import saved


def corpora_section(store: Store) -> None:
    """List the corpora with their texts and emotions, each with a button to remove it, if there are any."""
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
            st.text(f"Encoders that were already trained on {one['corpus']} are not deleted.")
            label, key = f"Remove {one['texts']:,} texts", f"remove-{one['corpus']}"
            if st.button(label, key=key, type="primary") and saved(partial(corpora.remove, store, one["corpus"])):
                st.rerun()
