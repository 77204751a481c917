"""
Shows text of other people (names, tweets, URLs, files, server replies) as plain text, never as markup.
"""

import re
from typing import Any, Protocol

_MARKS = re.compile(r"([\\`*_{}\[\]<>~$|&])")
_AT_THE_START = re.compile(r"^(#|[-+]|=|\d+(?=[.)]))")


class Box(Protocol):
    """A function such as `st.error` or `st.toast`."""

    def __call__(self, body: str, *, icon: str | None = None) -> Any:
        """Show a sentence that is parsed as Markdown."""


def escape(foreign: str) -> str:
    r"""Escape text so that Markdown shows it unchanged on one line, for labels, help and sentences; no image is loaded.

    >>> escape("![p](http://evil.test/n.png)")
    '!\\[p\\](http://evil.test/n.png)'
    >>> escape("1. # **bold**"), escape("# :red[x]")
    ('\u20601. # \\*\\*bold\\*\\*', '\u2060# :red\\[x\\]')
    """
    return _AT_THE_START.sub("\u2060\\1", _MARKS.sub(r"\\\1", " ".join(foreign.split())))


def tell(box: Box, foreign: str, icon: str | None = None) -> None:
    """Show a sentence that contains text of other people in a box such as `st.error`."""
    box(escape(foreign), icon=icon)
