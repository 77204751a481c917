"""
Shows errors on a page as one sentence; unexpected errors include the id under which they are logged.

A page's code runs in `shell.run`, which calls `tell_error`. Callbacks of widgets and fragments are called by Streamlit
itself, which shows a traceback when they fail; `take_over` replaces it with the sentence.
"""

import streamlit as st
from streamlit import error_util

from emoclf.errors import EmoclfError
from jobs import logs
from ui.plain_text import tell


def tell_error(error: BaseException, during: str = "a callback or a fragment of a page") -> None:
    """Show a sentence about an error; unexpected errors are logged first."""
    if isinstance(error, EmoclfError):
        tell(st.error, str(error))
    else:
        tell(st.error, logs.sentence(error, during))


def take_over() -> None:
    """Make Streamlit show errors with `tell_error` and print none, since messages may quote a tweet."""
    error_util.show_uncaught_app_exception = tell_error
    error_util._log_uncaught_app_exception = lambda error: None
