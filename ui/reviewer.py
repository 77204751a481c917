"""
Who is reviewing: a name in the sidebar, kept in a cookie of the browser so that decisions never go to somebody else.
"""

import getpass
from urllib.parse import quote, unquote

import streamlit as st

COOKIE = "emoclf_reviewer"
_KEEP = st.components.v2.component(
    "emoclf_keep_reviewer",
    js=f"""export default ({{ data }}) => {{
  document.cookie = "{COOKIE}=" + data + "; path=/; max-age=31536000; SameSite=Strict";
}}""",
)


def ask() -> str:
    """The reviewer's name: as typed in the sidebar, else as this browser knows it, else the name on this computer."""
    with st.sidebar:
        name = st.text_input("Reviewer", value=remembered(), max_chars=60, key="reviewer_name").strip()
        if not name:
            st.warning("Write your name above: every decision is stored with who made it.")
            st.stop()
        _KEEP(data=quote(name), key="keep_reviewer")
    return name


def remembered() -> str:
    """The name in the browser's cookie, else that of the computer's user."""
    kept = unquote(st.context.cookies.get(COOKIE, ""))
    try:
        return kept or getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in many containers
        return ""
