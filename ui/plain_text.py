"""
Shows text of other people (names, tweets, URLs, files, server replies) as plain text, never as markup.
"""

import re
from typing import Any, Protocol

from emoclf.text.visible import visible

JOINER = "\u2060"  # a word joiner: invisible, without width, and between any two characters no link or emoji is found
# Overrides and isolates show the letters of a whole sentence in another order; controls have no shape.
_REORDERING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile(r"([\\`*_{}\[\]<>~$|&])")
_AT_THE_START = re.compile(r"^(#|[-+]|=|\d+(?=[.)]))")
# Streamlit replaces these after Markdown is parsed, so a backslash does not protect them: links such as http://…, www.…
# and a@b.c, emoji and icons such as :smile: and :material/home:, directives such as :red[…], and arrows such as ->.
_REPLACED = re.compile(
    r"(?<=http:)(?=//)|(?<=https:)(?=//)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@[\w-])"
    r"|(?<=:)(?=[^\W\d]|[+-]|\w+:)"
    r"|(?:(?<=\s[<>~-])|(?<=^[<>~-]))(?=[->=]{1,2}(?:\s|$))",
    re.IGNORECASE,
)


class Box(Protocol):
    """A function such as `st.error` or `st.toast`."""

    def __call__(self, body: str, *, icon: str | None = None) -> Any:
        """Show a sentence that is parsed as Markdown."""


def escape(foreign: str) -> str:
    r"""Escape text so that Markdown shows it unchanged on one line, for labels, help and sentences.

    No image is loaded, nothing becomes a link, an emoji, an icon, colour or mathematics.

    >>> escape("![p](data)"), escape("$x$ <b>")
    ('!\\[p\\](data)', '\\$x\\$ \\<b\\>')
    >>> escape("http://evil.test") == f"http:{JOINER}//evil.test"
    True
    >>> escape("me@evil.test :tada:") == f"me{JOINER}@evil.test :{JOINER}tada:"
    True
    >>> escape("a\u202eb")
    'a\\\\u202eb'
    >>> escape("1. # **bold**") == rf"{JOINER}1. # \*\*bold\*\*"
    True
    """
    one_line = _REORDERING.sub(lambda found: visible(found[0]), " ".join(foreign.split()))
    joined = _REPLACED.sub(JOINER, one_line)
    return _AT_THE_START.sub(rf"{JOINER}\1", _MARKS.sub(r"\\\1", joined))


def tell(box: Box, foreign: str, icon: str | None = None) -> None:
    """Show a sentence that contains text of other people in a box such as `st.error`."""
    box(escape(foreign), icon=icon)
