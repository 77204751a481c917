"""
Who is reviewing: a name in the sidebar, kept in a cookie of the browser so that decisions never go to somebody else.
"""

import getpass
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote, unquote

import streamlit as st

from db.store import Store
from jobs.review import assignment

COOKIE = "emoclf_reviewer"
LABEL = "Reviewer"
ENTRY = "reviewer-entry"  # in the session's state: how often a name was entered
# Keeps the name in the cookie, and offers the names that the store knows under the field. They are strangers' words, so
# they go in as values, never as markup. A name that was picked from the list is entered at once.
# Only an entered name is written, and once: another tab of the browser may have entered a newer one since.
_KEEP = st.components.v2.component(
    "emoclf_keep_reviewer",
    js=f"""export default ({{ data }}) => {{
  if (data.cookie && data.entry && window.emoclfEntry !== data.entry) {{
    document.cookie = "{COOKIE}=" + data.cookie + "; path=/; max-age=31536000; SameSite=Strict";
    window.emoclfEntry = data.entry;
  }}
  const field = document.querySelector('input[aria-label="{LABEL}"]');
  if (!field) return;
  const list = document.getElementById("reviewers-known") ?? document.createElement("datalist");
  list.id = "reviewers-known";
  list.replaceChildren(...data.names.map((name) => Object.assign(document.createElement("option"), {{ value: name }})));
  if (!list.isConnected) document.body.append(list);
  field.setAttribute("list", list.id);
  field.oninput = (event) => {{
    if (!event.inputType || event.inputType === "insertReplacementText") setTimeout(() => field.blur());
  }};
}}""",
)


def ask(known: Sequence[str] = ()) -> str:
    """The reviewer's name: as entered last in this tab, else as this browser knows it, else the name on this computer.

    Streamlit forgets a field with the page that it stood on, unless its state is said to persist.

    Parameters
    ----------
    known : names that the field offers; any other can be typed
    """
    with st.sidebar:
        keeps = {"key": "reviewer_name", "persist_state": "session", "on_change": _entered}
        name = st.text_input(LABEL, value=remembered(), max_chars=60, **keeps).strip()
        cookie = {"cookie": quote(name), "entry": st.session_state.get(ENTRY, 0)}
        _KEEP(data={**cookie, "names": list(known)}, key="keep_reviewer")
        if not name:
            st.warning("Enter your name above: every decision is stored with the name of its reviewer.")
            st.stop()
    return name


def _entered() -> None:
    st.session_state[ENTRY] = st.session_state.get(ENTRY, 0) + 1


def remembered() -> str:
    """The name in the browser's cookie, else that of the computer's user."""
    kept = unquote(st.context.cookies.get(COOKIE, ""))
    try:
        return kept or getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in many containers
        return ""


@contextmanager
def seated(store: Store, reviewer: str) -> Iterator[None]:
    """Where a tab takes tweets to review: what it took under another name is given back first.

    One run at a time: Streamlit starts the next beside one that it has given up, and that one may still be taking.
    """
    with st.session_state.setdefault("seat", threading.Lock()):
        before = st.session_state.get("reviews_as", reviewer)
        if before != reviewer:
            assignment.give_back(store, before)
        st.session_state["reviews_as"] = reviewer
        yield
