"""
The reviewer's name: entered in the sidebar and kept in a cookie, so that decisions carry the right name.
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
ENTRY = "reviewer-entry"  # session state key: number of times a name was entered
# Stores the name in the cookie, and offers the known names in a list under the field. Names are untrusted, so they are
# set as values, never as markup. A name picked from the list is entered at once. Only an entered name is written, and
# once, because another tab may have entered a newer one since.
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
    """The reviewer's name: as last entered in this tab, else from the browser's cookie, else the computer user's.

    The field's state persists across pages, which Streamlit does not do by default.

    Parameters
    ----------
    known : names to offer; any other can be typed
    """
    with st.sidebar:
        name = st.text_input(
            LABEL, remembered(), 60, key="reviewer_name", persist_state="session", on_change=_entered
        ).strip()
        cookie = {"cookie": quote(name), "entry": st.session_state.get(ENTRY, 0)}
        _KEEP(data={**cookie, "names": list(known)}, key="keep_reviewer")
        if not name:
            st.warning("Enter your name above: every decision is stored with the name of its reviewer.")
            st.stop()
    return name


def _entered() -> None:
    st.session_state[ENTRY] = st.session_state.get(ENTRY, 0) + 1


def remembered() -> str:
    """The name in the browser's cookie, else the name of the computer user."""
    name = unquote(st.context.cookies.get(COOKIE, ""))
    try:
        return name or getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in many containers
        return ""


@contextmanager
def seated(store: Store, reviewer: str) -> Iterator[None]:
    """Lease tweets for this reviewer within the block; if the tab had another reviewer before, end those leases first.

    A lock lets one run of a tab enter at a time, because Streamlit starts a new run while an abandoned one may still be
    leasing tweets.
    """
    with st.session_state.setdefault("seat", threading.Lock()):
        before = st.session_state.get("reviews_as", reviewer)
        if before != reviewer:
            assignment.give_back(store, before)
        st.session_state["reviews_as"] = reviewer
        yield
