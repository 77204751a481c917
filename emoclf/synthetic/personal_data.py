"""
Finds personal data and slurs in synthetic tweets by patterns.

It finds handles, links, e-mail addresses and telephone numbers, but not names: the names that a language model invents
belong to nobody in particular.
"""

import codecs
import re

from emoclf.text.cleaning import unescape

PLACEHOLDER = "@user"  # the placeholder for mentions in synthetic tweets

_LINK = re.compile(r"https?://\S*|\bwww\.\S+|\b[a-z0-9-]+\.(?:com|org|net|co|ly|me|io|tv|gov|edu|twitter)\b/?\S*", re.I)
_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+\.\w{2,}", re.I)
_HANDLE = re.compile(r"(?<![\w@])@\w+")
_PHONE = re.compile(r"(?<![\w#$£€.,])\+?\(?\d(?:[\s().-]{0,2}\d){6,14}(?![\w%])")
_PATTERNS = {"an e-mail address": _EMAIL, "a link": _LINK, "a telephone number": _PHONE}

# Encoded with ROT13, so that readers of the code do not have to see them; plurals count too.
_TURNED = (
    "avttre avttn snttbg snt xvxr puvax fcvp jrgonpx tbbx enturnq gbjryurnq genaal genaavr qlxr ergneq "
    "ergneqrq genafirfgvgr pbba qnexvr cnxv fnaqavttre mvccreurnq fuvgfxva juber ornare urro lvq fuvxfn "
    "tvccb phag"
)
_SLURS = codecs.decode(_TURNED, "rot13").split()
_SLUR = re.compile(rf"\b(?:{'|'.join(_SLURS)})(?:s|es)?\b", re.IGNORECASE)


def personal_data(text: str) -> str:
    """Return which personal data a text contains, in words; empty if none. `@user` may stand for anybody.

    >>> personal_data("call me on 0171 555 0199!"), personal_data("10 years since 2010, @user!")
    ('a telephone number', '')
    """
    for name, pattern in _PATTERNS.items():
        if pattern.search(text):
            return name
    handles = {handle.lower() for handle in _HANDLE.findall(text)}
    return "a handle" if handles - {PLACEHOLDER} else ""


def has_slur(text: str) -> bool:
    """Return whether a text contains a word whose only use is to demean a group of people."""
    return bool(_SLUR.search(text))


def anonymous(text: str) -> str:
    """Return a real tweet for use in a prompt: without links and handles, on one line.

    >>> anonymous("@ana look\\nhttps://t.co/x so good")
    '@user look so good'
    """
    without = _HANDLE.sub(PLACEHOLDER, _LINK.sub(" ", _EMAIL.sub(" ", unescape(text))))
    return " ".join(without.split())
