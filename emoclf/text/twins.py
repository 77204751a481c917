"""
Detects twins: tweets that differ only in a hashtag, a mention or a link.

The E-c data was collected by hashtag. Many tweets appear twice, with and without the hashtag, and were labelled
independently. A model that trains on one twin has seen the other, so every split and fold keeps twins together.
"""

import hashlib
import re

_VARIABLE = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_PUNCTUATION = re.compile(r"[\s!-/:-@\[-`{-~…‘’“”–—]+")


def twin_key(text: str) -> str:
    """Return a short hash that is the same for all twins of a tweet.

    >>> twin_key("So happy today!! #joy") == twin_key("@ana so happy, today http://t.co/x")
    True
    >>> twin_key("#joy") == twin_key("#anger")  # a text of hashtags only has no such twins
    False
    """
    words = _PUNCTUATION.sub(" ", _VARIABLE.sub(" ", text.lower())).strip()
    return hashlib.sha256((words or text).encode()).hexdigest()[:16]
