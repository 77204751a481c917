"""
Rationales: one or two sentences on why a tweet carries an emotion, which quote nothing that it does not say.

A rationale that quotes other words is asked for once more; sentences that
still do are dropped, and one without a single true quote is none.
"""

import re
from collections.abc import Iterator, Sequence

from emoclf.errors import ReplyError
from emoclf.labels import EMOTIONS
from emoclf.llm.prompts import EXPLAINING, PLACE
from emoclf.llm.writers import Writer

MAX_TOKENS = 90
SENTENCES = 2
_QUOTE = re.compile(r'["“”„«]([^"“”„«»]+)["“”»]')
# A quote is one piece of a sentence, whatever marks stand in it.
_SENTENCE = re.compile(r"""(?:["“][^"“”]*["”]|[^.!?]|[.!?](?!\s|$))+[.!?]*""")


def explain(writer: Writer, tweet: str, emotions: Sequence[str]) -> Iterator[str]:
    """Yield the rationale as it grows; the last text is the whole of it, with every quote found in the tweet.

    Raises
    ------
    ReplyError : if the model quotes the tweet in neither of two attempts
    """
    named = " and ".join(EMOTIONS.ordered(emotions))
    written = ""
    for is_second_try in (False, True):
        written = ""
        chat = EXPLAINING.messages(PLACE, named, is_second_try)
        for piece in writer.write(chat, tweet, MAX_TOKENS):
            written += piece
            yield shortened(written)
        if quotes(written) and not false_quotes(written, tweet):
            break
    kept = without_false_quotes(shortened(written), tweet)
    if not quotes(kept):
        raise ReplyError(f"{writer.name} did not quote the tweet")
    yield kept


def quotes(rationale: str) -> list[str]:
    """What stands in double quotes.

    >>> quotes('The words "so happy" and “finally” show joy.')
    ['so happy', 'finally']
    """
    return _QUOTE.findall(rationale)


def false_quotes(rationale: str, tweet: str) -> list[str]:
    """The quotes that do not stand in the tweet; case, spacing and punctuation at their ends do not count.

    >>> false_quotes('It says "So happy," and "thrilled".', "so  happy today")
    ['thrilled']
    """
    said = _plain(tweet)
    return [quote for quote in quotes(rationale) if not _trimmed(quote) or _trimmed(quote) not in said]


def shortened(rationale: str) -> str:
    """The first two sentences, on one line.

    >>> shortened("One.  Two! Three?")
    'One. Two!'
    >>> shortened('"Yes! No?" shows joy. Three. Four.')
    '"Yes! No?" shows joy. Three.'
    """
    one_line = " ".join(rationale.split())
    return " ".join(sentence.strip() for sentence in _SENTENCE.findall(one_line)[:SENTENCES])


def without_false_quotes(rationale: str, tweet: str) -> str:
    """The rationale without the sentences that quote what the tweet does not say."""
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(rationale)]
    return " ".join(sentence for sentence in sentences if sentence and not false_quotes(sentence, tweet))


def _plain(text: str) -> str:
    return " ".join(text.casefold().translate(str.maketrans("‘’“”", "''\"\"")).split())


def _trimmed(quote: str) -> str:
    return _plain(quote).strip(" .,;:!?…'")
