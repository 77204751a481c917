r"""
Makes invisible characters visible, for text of other people in a terminal or a log.

A tweet, a file name or a server's reply can contain characters that move the cursor, change colours, forge a line of a
log (ESC, CR, backspace, C1), or show letters in another order than they stand (bidirectional overrides). They are
written as in Python: `\x1b`, `\u202e`. Not escaped are the two joiners, which emoji and several scripts need, and
variation selectors; they hide nothing.
"""

import re

_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_FORMATS = r"\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
_FURTHER_FORMATS = r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
_BLANK_LETTERS = r"\u115f\u1160\u3164\uffa0"
_INVISIBLE = re.compile(f"[{_CONTROLS}{_FORMATS}{_FURTHER_FORMATS}{_BLANK_LETTERS}]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str) -> str:
    r"""Return the text on one line, with invisible characters escaped.

    >>> print(visible("a\x1b[31mb\r\u202ec"))
    a\x1b[31mb\r\u202ec
    >>> visible("crème 👩‍🚀 हिन्दी") == "crème 👩‍🚀 हिन्दी"
    True
    """
    return _INVISIBLE.sub(lambda found: _SHORT.get(found[0]) or _escape(found[0]), text)


def visible_lines(text: str) -> str:
    """As `visible`, for a text whose line ends are ours."""
    return "\n".join(visible(line) for line in text.split("\n"))


def visible_json(document: str) -> str:
    r"""Return a JSON document of one line with the invisible characters in its strings escaped; its value is the same.

    >>> print(visible_json('{"text": "a\x9b1m\u202e"}'))
    {"text": "a\u009b1m\u202e"}
    """
    return _INVISIBLE.sub(_in_json, document)


def _in_json(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
