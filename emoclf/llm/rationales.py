"""
Writes rationales: one or two sentences on why a tweet has an emotion, with verified quotes from the tweet.

If a rationale contains a false quote, it is requested once more. Sentences that still contain one are removed; a
rationale without a single true quote is rejected.
"""

import re
from collections.abc import Iterator, Sequence

from emoclf.errors import ReplyError
from emoclf.labels import EMOTIONS
from emoclf.llm.chat_model import ChatModel
from emoclf.llm.prompts import EXPLAINING, PLACE

MAX_TOKENS = 90
SENTENCES = 2
_QUOTE = re.compile(r'["“”„«]([^"“”„«»]+)["“”»]')
# A quote belongs to one sentence, whatever punctuation it contains.
_SENTENCE = re.compile(r"""(?:["“][^"“”]*["”]|[^.!?]|[.!?](?!\s|$))+[.!?]*""")


def explain(model: ChatModel, tweet: str, emotions: Sequence[str]) -> Iterator[str]:
    """Yield the rationale as it grows; the last text is complete and contains only quotes from the tweet.

    Raises
    ------
    ReplyError : if the model quotes the tweet in neither of two attempts
    """
    named = " and ".join(EMOTIONS.ordered(emotions))
    written = ""
    for is_second_try in (False, True):
        written = ""
        chat = EXPLAINING.messages(PLACE, named, is_second_try)
        for piece in model.stream(chat, tweet, MAX_TOKENS):
            written += piece
            yield shortened(written)
        if quotes(written) and not false_quotes(written, tweet):
            break
    kept = without_false_quotes(shortened(written), tweet)
    if not quotes(kept):
        raise ReplyError(f"{model.name} did not quote the tweet")
    yield kept


def quotes(rationale: str) -> list[str]:
    """Return the texts in double quotes.

    >>> quotes('The words "so happy" and “finally” show joy.')
    ['so happy', 'finally']
    """
    return _QUOTE.findall(rationale)


def false_quotes(rationale: str, tweet: str) -> list[str]:
    """Return the quotes that are not in the tweet; case, spacing and punctuation at their ends are ignored.

    >>> false_quotes('It says "So happy," and "thrilled".', "so  happy today")
    ['thrilled']
    """
    text = _plain(tweet)
    return [quote for quote in quotes(rationale) if not _trimmed(quote) or _trimmed(quote) not in text]


def shortened(rationale: str) -> str:
    """Return the first two sentences, on one line.

    >>> shortened("One.  Two! Three?")
    'One. Two!'
    >>> shortened('"Yes! No?" shows joy. Three. Four.')
    '"Yes! No?" shows joy. Three.'
    """
    one_line = " ".join(rationale.split())
    return " ".join(sentence.strip() for sentence in _SENTENCE.findall(one_line)[:SENTENCES])


def without_false_quotes(rationale: str, tweet: str) -> str:
    """Return the rationale without the sentences that contain a false quote."""
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(rationale)]
    return " ".join(sentence for sentence in sentences if sentence and not false_quotes(sentence, tweet))


def _plain(text: str) -> str:
    return " ".join(text.casefold().translate(str.maketrans("‘’“”", "''\"\"")).split())


def _trimmed(quote: str) -> str:
    return _plain(quote).strip(" .,;:!?…'")
