"""
Foreign text as plain text: what others wrote (names, tweets, addresses, files, replies of servers) is never markup.
"""

import re
from typing import Any, Protocol

_MARKS = re.compile(r"([\\`*_{}\[\]<>~$|&])")
_AT_THE_START = re.compile(r"^(#|[-+]|=|\d+(?=[.)]))")


class Box(Protocol):
    """Such as `st.error`, or `st.toast`."""

    def __call__(self, body: str, *, icon: str | None = None) -> Any:
        """Show a sentence that is read as Markdown."""


def escape(foreign: str) -> str:
    r"""Text on one line that looks in Markdown as it is written, for labels, help and sentences: no picture is fetched.

    >>> escape("![p](http://evil.test/n.png)")
    '!\\[p\\](http://evil.test/n.png)'
    >>> escape("1. # **bold**"), escape("# :red[x]")
    ('\u20601. # \\*\\*bold\\*\\*', '\u2060# :red\\[x\\]')
    """
    return _AT_THE_START.sub("\u2060\\1", _MARKS.sub(r"\\\1", " ".join(foreign.split())))


def tell(box: Box, foreign: str, icon: str | None = None) -> None:
    """Show in a box, such as `st.error`, a sentence that holds what others wrote."""
    box(escape(foreign), icon=icon)
