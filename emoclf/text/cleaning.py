"""
Cleans the text of a tweet before a model reads it; the store keeps the original text.

Each step is a function from text to text, and `STEPS` lists them in order. The order matters: an emoticon such as "<3"
needs the sign and the digit that later steps remove, and hashtags are split at capitals before the text becomes lower
case.
"""

import html
import re
import unicodedata
from collections.abc import Callable

import emoji

# Emoticons, by the name of the equivalent emoji.
EMOTICONS = {
    "<3": "red heart",
    "</3": "broken heart",
    ":'(": "crying face",
    ":')": "face with tears of joy",
    ":)": "smiling face",
    ":-)": "smiling face",
    "=)": "smiling face",
    "^_^": "smiling face",
    ":d": "grinning face",
    ":-d": "grinning face",
    ";)": "winking face",
    ";-)": "winking face",
    ":p": "face with tongue",
    ":-p": "face with tongue",
    ":(": "frowning face",
    ":-(": "frowning face",
    "=(": "frowning face",
    ":/": "confused face",
    ":-/": "confused face",
    ":o": "astonished face",
    ":|": "neutral face",
    "-_-": "expressionless face",
}

_BEFORE_IS = ("it", "that", "he", "she", "what", "there", "here", "who", "where", "how")
_BEFORE_NOT = ("do", "does", "did", "is", "are", "was", "were", "would", "could", "should", "have", "has", "had")

# Contractions with an irregular stem, or whose "'s" could otherwise be a possessive.
CONTRACTED_WORDS = {
    "can't": "cannot",
    "won't": "will not",
    "shan't": "shall not",
    "ain't": "is not",
    "let's": "let us",
    **dict.fromkeys(("y'all", "ya'll"), "you all"),
    **{f"{word}'s": f"{word} is" for word in _BEFORE_IS},
    # forms without the apostrophe, unless they are words of their own ("well" and "ill" stay)
    "cant": "cannot",
    "wont": "will not",
    "im": "i am",
    "ive": "i have",
    "youre": "you are",
    "theyre": "they are",
    "thats": "that is",
    **{f"{verb}nt": f"{verb} not" for verb in _BEFORE_NOT},
}
CONTRACTED_ENDINGS = {"n't": "not", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would", "'m": "am"}

_PLAIN = str.maketrans({**dict.fromkeys("‘’`´", "'"), **dict.fromkeys("“”«»", '"'), **dict.fromkeys("–—―", "-")})


def _marks() -> str:
    """Return the ranges of a regular expression for characters that belong to the letter before them.

    These are combining marks, such as the vowel signs of Arabic, Hindi and Thai, and the joiners between letters. The
    selectors of an emoji's form are marks by their Unicode category, but no part of a word.
    """
    marks = [
        sign
        for sign in map(chr, range(0x300, 0x1F000))
        if unicodedata.category(sign) in ("Mn", "Mc") and "SELECTOR" not in unicodedata.name(sign, "")
    ]
    ranges: list[list[str]] = []
    for sign in [*marks, ZWNJ, ZWJ]:
        if ranges and ord(sign) == ord(ranges[-1][1]) + 1:
            ranges[-1][1] = sign
        else:
            ranges.append([sign, sign])
    return "".join(f"{first}-{last}" for first, last in ranges)


ZWNJ, ZWJ = "\u200c", "\u200d"  # the zero-width non-joiner and joiner
ACCENTS = "\u0300-\u0304\u0306-\u030c\u0311\u0323-\u0325\u0327\u0328\u032d\u0330\u0331"  # that letters a to z can have
_MARKS = _marks()
_IN_WORD = rf"[\w{_MARKS}]"


def _any_of(words: dict[str, str]) -> str:
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})"


_EMOTICON = re.compile(rf"(?<![\w:]){_any_of(EMOTICONS)}(?!\w)", re.IGNORECASE)
_CONTRACTED_WORD = re.compile(rf"\b{_any_of(CONTRACTED_WORDS)}\b")
_CONTRACTED_ENDING = re.compile(rf"(?<=\w){_any_of(CONTRACTED_ENDINGS)}\b")
# Each begins with what is rare in a text, so that the long list of marks is seldom looked through.
_NUMBER = re.compile(
    rf"(?=[$£€\d])(?<!{_IN_WORD})[$£€]?\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th|s|am|pm|k|m|%)?(?![\w%{_MARKS}])"
)
_MENTION = re.compile(rf"@(?<!{_IN_WORD}@){_IN_WORD}+")
_HASHTAG = re.compile(rf"#(\w{_IN_WORD}*)")
_SIGN = re.compile(r"""[^\w\s.,!?'":;()\-/%$£€]|_""")
_MARK = re.compile(rf"[{_MARKS}]")
_SIGN_BESIDE_MARKS = re.compile(
    rf"""[^\w\s.,!?'":;()\-/%$£€{_MARKS}]|_"""
    rf"|(?<!{_IN_WORD})[{_MARKS}]+"  # marks without a letter
    rf"|(?<=[A-Za-z0-9])(?![{ACCENTS}])[{_MARKS}]+"  # decoration, such as letters that are struck through
    rf"|[{ZWNJ}{ZWJ}](?!{_IN_WORD})"
)


def unescape(text: str) -> str:
    r"""Undo the escaping of published data: HTML entities, and line breaks written as two characters.

    >>> unescape(r"salt &amp; pepper\nplease")
    'salt & pepper\nplease'
    """
    return re.sub(r"(?:\\[nrt])+", "\n", html.unescape(html.unescape(text)))


def remove_links(text: str) -> str:
    """
    >>> remove_links("look https://t.co/abc here")
    'look   here'
    """
    return re.sub(r"https?://\S*|www\.\S+|\bpic\.twitter\.com/\S+", " ", text)


def emoji_to_words(text: str) -> str:
    """Replace emoji by their names, without skin tones; a repeated emoji counts once.

    >>> emoji_to_words("so good😂😂👍🏽")
    'so good face with tears of joy  thumbs up '
    """
    marked = emoji.demojize(text, delimiters=("\ue000", "\ue001"))  # private-use characters, which no tweet contains
    marked = re.sub(r"_(?:medium-)?(?:light|medium|dark)_skin_tone", "", marked)
    marked = re.sub("(\ue000[^\ue001]*\ue001)(?:\\s*\\1)+", r"\1", marked)
    return re.sub("\ue000([^\ue001]*)\ue001", lambda found: f" {found[1].replace('_', ' ')} ", marked)


def emoticons_to_words(text: str) -> str:
    """
    >>> emoticons_to_words("love you <3 :)")
    'love you  red heart   smiling face '
    """
    return _EMOTICON.sub(lambda found: f" {EMOTICONS[found[0].lower()]} ", text)


def remove_mentions(text: str) -> str:
    """
    >>> remove_mentions("thanks @ana_b, mail me@home.org")
    'thanks  , mail me@home.org'
    """
    return _MENTION.sub(" ", text)


def open_hashtags(text: str) -> str:
    """Replace hashtags by their words, split at capitals and underscores.

    >>> open_hashtags("#NoMoreFear #best_day #USA")
    'No More Fear best day USA'
    """
    return _HASHTAG.sub(lambda found: re.sub(r"_+|(?<=[a-z])(?=[A-Z])", " ", found[1]), text)


def lowercase(text: str) -> str:
    """
    >>> lowercase("So GOOD")
    'so good'
    """
    return text.lower()


def write_out_contractions(text: str) -> str:
    """Expand contractions, also those with a curly or missing apostrophe; expects lower case.

    >>> write_out_contractions("i'm sure they can’t and dont, ana's friends wouldn't've")
    "i am sure they cannot and do not, ana's friends would not have"
    """
    words = _CONTRACTED_WORD.sub(lambda found: CONTRACTED_WORDS[found[0]], text.translate(_PLAIN))
    return _CONTRACTED_ENDING.sub(lambda found: f" {CONTRACTED_ENDINGS[found[0]]}", words)


def normalise_signs(text: str) -> str:
    """Keep letters with their marks and expressive punctuation; replace all other characters by spaces.

    >>> normalise_signs("ｗｈａｔ!!!!! a “day”… = [sooooo] good*")
    'what!! a "day"..    soo  good '
    >>> normalise_signs("سَعِيدٌ")
    'سَعِيدٌ'
    """
    plain = unicodedata.normalize("NFKC", text).translate(_PLAIN).replace("&", " and ")
    kept = (_SIGN_BESIDE_MARKS if _MARK.search(plain) else _SIGN).sub(" ", plain)
    return re.sub(r"([^\d\s])\1{2,}", r"\1\1", kept)  # "sooooo" means no more than "soo"


def remove_numbers(text: str) -> str:
    """Remove standalone numbers with their units and ordinals; digits inside a word are kept.

    >>> remove_numbers("top 10 of 1,000 at 10:30, the 2nd gr8 day, 50%")
    'top   of   at  , the   gr8 day,  '
    """
    return _NUMBER.sub(" ", text)


def collapse_spaces(text: str) -> str:
    """
    >>> collapse_spaces(" a \\n b ")
    'a b'
    """
    return " ".join(text.split())


STEPS: dict[str, Callable[[str], str]] = {
    "unescape": unescape,
    "links": remove_links,
    "emoji": emoji_to_words,
    "emoticons": emoticons_to_words,
    "mentions": remove_mentions,
    "hashtags": open_hashtags,
    "lowercase": lowercase,
    "contractions": write_out_contractions,
    "special characters": normalise_signs,
    "numbers": remove_numbers,
    "white space": collapse_spaces,
}


def clean(text: str) -> str:
    """Apply every step of `STEPS`, in order.

    >>> clean("@ana I’m SO happy 😂 &amp; it's 2 good!!! #BestDay")
    'i am so happy face with tears of joy and it is good!! best day'
    """
    for step in STEPS.values():
        text = step(text)
    return text


LIGHT_STEPS = ("unescape", "links", "emoji", "emoticons", "white space")


def clean_lightly(text: str) -> str:
    """Replace emoji and emoticons by words and remove links; keep the rest as written.

    >>> clean_lightly("@ana I’m SO happy 😂 &amp; it's 2 good!!! #BestDay https://t.co/abc")
    "@ana I’m SO happy face with tears of joy & it's 2 good!!! #BestDay"
    """
    for name in LIGHT_STEPS:
        text = STEPS[name](text)
    return text


# The text variants that a model can read. Cleaning removes noise, but also some signs of emotion (hash signs, mentions,
# numbers).
TEXT_VARIANTS: dict[str, Callable[[str], str]] = {"light": clean_lightly, "cleaned": clean, "written": collapse_spaces}
