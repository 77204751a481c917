"""
The views of a text, in TensorFlow: `emoclf.text.cleaning` for a served model that is given raw texts.

TensorFlow's regular expressions look neither ahead nor back, and would not hold
every emoji; so runs of emoji are cut out by their characters, and in a run the
emoji are found one by one, the longest first, as word pieces are. Of the HTML
entities it knows those that Twitter writes.
"""

import re
from collections.abc import Iterable
from typing import Any

import emoji

from emoclf.errors import ModelError
from emoclf.hub.tensorflow_library import text, tf
from emoclf.text.cleaning import EMOTICONS, emoji_to_words

ENTITIES = (("&lt;?", "<"), ("&gt;?", ">"), ("&quot;?", '"'), ("&#0?39;?", "'"), ("&nbsp;?", "\u00a0"), ("&amp;?", "&"))
TWICE = range(2)  # escaped twice by some; and emoticons side by side share a sign, so one pass leaves every other one
LINKS = r"https?://\S*|www\.\S+|\bpic\.twitter\.com/\S+"
SPACES = r"[\s\v\x1c-\x1f\x{85}\p{Z}]+"
MARK = "\ue000"  # before the words of an emoji; a private sign that no tweet has
AS_TEXT = "\ufe0e"  # asks for an emoji in black and white
LONGEST = 4000  # bytes of a run of emoji


class View:
    """One of `emoclf.text.cleaning.VIEWS` as a function in a graph."""

    def __init__(self, name: str) -> None:
        """ModelError if the view is not one that is written here."""
        if name not in ("light", "written"):
            raise ModelError(f"a classifier that reads texts {name} cannot be served; train one that reads them light")
        self.is_light = name == "light"
        signs = sorted({AS_TEXT, *(sign for one in emoji.EMOJI_DATA for sign in one if not sign.isascii())})
        sign = rf"(?:[0-9#*]\x{{FE0F}}?\x{{20E3}}|[{''.join(signs)}])"
        self.run = rf"{sign}(?:\s*{sign})*"
        pieces = sorted({*emoji.EMOJI_DATA, *signs})
        self.numbers = _table(pieces, tf.constant(range(len(pieces)), tf.int64), -1)
        self.words = _table(pieces, tf.constant([_in_words(piece) for piece in pieces]), "")

    def __call__(self, texts: Any) -> Any:
        """The view of texts (n,)."""
        if self.is_light:
            texts = tf.strings.regex_replace(_unescape(texts), LINKS, " ")
            texts = _emoticons(self._emoji(texts))
        return tf.strings.strip(tf.strings.regex_replace(texts, SPACES, " "))

    def _emoji(self, texts: Any) -> Any:
        """Emoji in words; one that is repeated counts once."""
        tokens = text.regex_split(texts, self.run, keep_delim_regex_pattern=self.run)
        is_run = tf.strings.regex_full_match(tokens.flat_values, self.run)
        cutter = text.WordpieceTokenizer(
            self.numbers, suffix_indicator="", max_bytes_per_word=LONGEST, token_out_type=tf.string
        )
        runs = tf.strings.split(tf.where(is_run, tokens.flat_values, ""))
        words = tf.ragged.map_flat_values(self.words.lookup, cutter.tokenize(runs).merge_dims(1, 2))
        others = tf.RaggedTensor.from_tensor(tf.where(is_run, "", tokens.flat_values)[:, None])
        parts = tokens.with_flat_values(tf.concat([others, words], axis=1)).merge_dims(1, 2)
        whole = tf.strings.reduce_join(_without_repeats(parts), axis=-1)
        return tf.strings.regex_replace(whole, MARK, "")


def _unescape(texts: Any) -> Any:
    for _ in TWICE:
        for entity, sign in ENTITIES:
            texts = tf.strings.regex_replace(texts, entity, sign)
    return tf.strings.regex_replace(texts, r"(?:\\[nrt])+", "\n")


def _without_repeats(parts: Any) -> Any:
    """Ragged parts (n, parts), less those of an emoji that stands right before too."""
    parts = tf.ragged.boolean_mask(parts, tf.ragged.map_flat_values(tf.not_equal, parts, ""))
    flat, rows = parts.flat_values, parts.value_rowids()
    again = (flat[1:] == flat[:-1]) & (rows[1:] == rows[:-1]) & tf.strings.regex_full_match(flat[1:], f"{MARK}.*")
    first = tf.ones_like(flat[:1], dtype=tf.bool)
    return tf.ragged.boolean_mask(parts, parts.with_flat_values(tf.concat([first, ~again], axis=0)))


def _emoticons(texts: Any) -> Any:
    for name in dict.fromkeys(EMOTICONS.values()):
        alike = sorted((sign for sign, words in EMOTICONS.items() if words == name), key=len, reverse=True)
        ending = "|".join(re.escape(sign) + (r"\b" if sign[-1].isalnum() else r"\B") for sign in alike)
        for _ in TWICE:
            texts = tf.strings.regex_replace(texts, rf"(?i)(^|[^\pL\pN_:])(?:{ending})", rf"\1 {name} ")
    return texts


def _in_words(piece: str) -> str:
    """What becomes of an emoji, marked, or of a sign that is part of one."""
    return f"{MARK}{emoji_to_words(piece)}" if piece in emoji.EMOJI_DATA else emoji_to_words(piece)


def _table(keys: Iterable[str], values: Any, default: Any) -> Any:
    return tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant(list(keys)), values), default_value=default
    )
