"""
The guard: every page calls it first, and gets the open store and the reviewer, or stops with one sentence.

A deep link that is the first request after a start reaches a page without
app.py (Streamlit runs files in `pages/` by themselves until `st.navigation` has
been called once). The guard notices, and sends the browser through the entry.
"""

from dataclasses import dataclass

import streamlit as st

from db.store import Store
from emoclf import environment
from emoclf.errors import EmoclfError
from ui import cached, reviewer, shell
from ui.plain_text import tell
from ui.saving import look_again_soon


@dataclass(frozen=True)
class App:
    """What a page works with."""

    store: Store
    reviewer: str


def guard() -> App:
    """Let the page go on with an open store and a named reviewer, or stop it with a sentence."""
    if not shell.is_around():
        shell.navigate()
        st.rerun()
    try:
        store = cached.shared_store(environment.database_url())
    except EmoclfError as error:
        tell(st.error, str(error), icon=":material/database:")
        look_again_soon()
        st.stop()
    return App(store, reviewer.ask(_known(store)))


def _known(store: Store) -> list[str]:
    """The reviewers' names that the field offers; none while the store does not answer, since any can be typed."""
    try:
        return cached.reviewer_names(store.url)
    except EmoclfError:
        return []
