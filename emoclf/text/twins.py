"""
Twins: tweets that are the same but for a hashtag, a mention or a link.

The E-c data was collected by hashtag, and many tweets appear twice, once with
the hashtag and once without, labelled independently. A model that trains on
one twin has seen the other: every split and fold keeps them on one side.
"""

import hashlib
import re

_VARIABLE = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_PUNCTUATION = re.compile(r"[\s!-/:-@\[-`{-~…‘’“”–—]+")


def twin_key(text: str) -> str:
    """What two twins have in common, as a short hash.

    >>> twin_key("So happy today!! #joy") == twin_key("@ana so happy, today http://t.co/x")
    True
    >>> twin_key("#joy") == twin_key("#anger")  # nothing but a hashtag: no twin
    False
    """
    kept = _PUNCTUATION.sub(" ", _VARIABLE.sub(" ", text.lower())).strip()
    return hashlib.sha256((kept or text).encode()).hexdigest()[:16]
