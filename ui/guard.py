"""
The guard that every page calls first: returns the open store and the reviewer, or stops the page with a message.

If a deep link is the first request after a start, Streamlit runs the page without main.py (it runs files in `pages/` by
itself until `st.navigation` has been called once). The guard detects this and redirects the browser through the entry
point.
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
    """The context of a page."""

    store: Store
    reviewer: str


def guard() -> App:
    """Return an open store and a named reviewer, or stop the page with a message."""
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
    """Reviewer names to offer; none while the store is unavailable, since any name can be typed."""
    try:
        return cached.reviewer_names(store.url)
    except EmoclfError:
        return []
