"""
Errors on a page: each is shown as one sentence; that of an unexpected error has the id under which it is logged.

A page's own code runs inside `shell.run`, which calls `tell_error`. Callbacks of widgets and fragments that run by
themselves are called by Streamlit, which shows a traceback where they fail. `take_over` puts the sentence in its place.
"""

import streamlit as st
from streamlit import error_util

from emoclf.errors import EmoclfError
from jobs import logs
from ui.plain_text import tell


def tell_error(error: BaseException, during: str = "a callback or a fragment of a page") -> None:
    """Show a sentence about an error; log it first where nobody expected it."""
    if isinstance(error, EmoclfError):
        tell(st.error, str(error))
    else:
        tell(st.error, logs.sentence(error, during))


def take_over() -> None:
    """Let Streamlit show errors with `tell_error`, and print none: their messages may quote a tweet."""
    error_util.show_uncaught_app_exception = tell_error
    error_util._log_uncaught_app_exception = lambda error: None
