"""
Cleaning: what happens to a tweet on its way into a model; the store keeps every text exactly as it came.

Each step is a function from text to text, and `STEPS` holds them in their
order. The order matters: an emoticon such as "<3" needs the sign and the number
that later steps remove, and a hashtag needs its capitals to be cut into words.
"""

import html
import re
import unicodedata
from collections.abc import Callable

import emoji

# Emoticons, by the name of the emoji that means the same.
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

# Whole words, where the stem changes or "'s" could be a possessive.
CONTRACTED_WORDS = {
    "can't": "cannot",
    "won't": "will not",
    "shan't": "shall not",
    "ain't": "is not",
    "let's": "let us",
    **dict.fromkeys(("y'all", "ya'll"), "you all"),
    **{f"{word}'s": f"{word} is" for word in _BEFORE_IS},
    # without the apostrophe, where that is no other word ("well" and "ill" stay)
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


def _any_of(words: dict[str, str]) -> str:
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})"


_EMOTICON = re.compile(rf"(?<![\w:]){_any_of(EMOTICONS)}(?!\w)", re.IGNORECASE)
_CONTRACTED_WORD = re.compile(rf"\b{_any_of(CONTRACTED_WORDS)}\b")
_CONTRACTED_ENDING = re.compile(rf"(?<=\w){_any_of(CONTRACTED_ENDINGS)}\b")
_NUMBER = re.compile(r"(?<!\w)[$£€]?\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th|s|am|pm|k|m|%)?(?![\w%])")


def unescape(text: str) -> str:
    r"""Undo what publishing did: HTML entities, and line breaks written as two characters.

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
    """Emoji by their names, without skin tones; a repeated emoji counts once.

    >>> emoji_to_words("so good😂😂👍🏽")
    'so good face with tears of joy  thumbs up '
    """
    marked = emoji.demojize(text, delimiters=("\ue000", "\ue001"))  # private signs: no tweet has them
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
    return re.sub(r"(?<!\w)@\w+", " ", text)


def open_hashtags(text: str) -> str:
    """A hashtag stays as its words, cut at capitals and underscores.

    >>> open_hashtags("#NoMoreFear #best_day #USA")
    'No More Fear best day USA'
    """
    return re.sub(r"#(\w+)", lambda found: re.sub(r"_+|(?<=[a-z])(?=[A-Z])", " ", found[1]), text)


def lowercase(text: str) -> str:
    """
    >>> lowercase("So GOOD")
    'so good'
    """
    return text.lower()


def write_out_contractions(text: str) -> str:
    """Contractions in full, also with a curly or no apostrophe; expects lower case.

    >>> write_out_contractions("i'm sure they can’t and dont, ana's friends wouldn't've")
    "i am sure they cannot and do not, ana's friends would not have"
    """
    words = _CONTRACTED_WORD.sub(lambda found: CONTRACTED_WORDS[found[0]], text.translate(_PLAIN))
    return _CONTRACTED_ENDING.sub(lambda found: f" {CONTRACTED_ENDINGS[found[0]]}", words)


def normalise_signs(text: str) -> str:
    """Plain letters and the punctuation that carries feeling; the rest becomes a space.

    >>> normalise_signs("ｗｈａｔ!!!!! a “day”… = [sooooo] good*")
    'what!! a "day"..    soo  good '
    """
    plain = unicodedata.normalize("NFKC", text).translate(_PLAIN).replace("&", " and ")
    kept = re.sub(r"""[^\w\s.,!?'":;()\-/%$£€]|_""", " ", plain)
    return re.sub(r"([^\d\s])\1{2,}", r"\1\1", kept)  # "sooooo" says no more than "soo"


def remove_numbers(text: str) -> str:
    """Numbers that stand alone, with their units and ordinals; digits inside a word are spelling and stay.

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
    """Write out emoji and emoticons and take links away; the rest stays as it was written.

    >>> clean_lightly("@ana I’m SO happy 😂 &amp; it's 2 good!!! #BestDay https://t.co/abc")
    "@ana I’m SO happy face with tears of joy & it's 2 good!!! #BestDay"
    """
    for name in LIGHT_STEPS:
        text = STEPS[name](text)
    return text


# The views in which a model can read a tweet. Cleaning takes away noise, but some of what it takes (hash signs,
# mentions, numbers) tells of feelings too.
VIEWS: dict[str, Callable[[str], str]] = {"light": clean_lightly, "cleaned": clean, "written": collapse_spaces}
