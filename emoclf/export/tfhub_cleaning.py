"""
The text variants of `emoclf.text.cleaning` in TensorFlow, for a served model that takes raw texts.

TensorFlow's regular expressions have no lookaround and cannot contain every emoji. So runs of emoji are matched by
their characters, and the emoji in a run are found one by one, the longest first, like word pieces. Only the HTML
entities that Twitter writes are supported.
"""

import re
from collections.abc import Iterable
from typing import Any

import emoji

from emoclf.errors import ModelError
from emoclf.hub.tensorflow_library import text, tf
from emoclf.text.cleaning import EMOTICONS, emoji_to_words

ENTITIES = (("&lt;?", "<"), ("&gt;?", ">"), ("&quot;?", '"'), ("&#0?39;?", "'"), ("&nbsp;?", "\u00a0"), ("&amp;?", "&"))
TWICE = range(2)  # some texts are escaped twice; and adjacent emoticons share a sign, so one pass skips every other one
LINKS = r"https?://\S*|www\.\S+|\bpic\.twitter\.com/\S+"
SPACES = r"[\s\v\x1c-\x1f\x{85}\p{Z}]+"
MARK = "\ue000"  # before the words of an emoji; a private-use character that no tweet contains
TEXT_SELECTOR = "\ufe0e"  # selects the black-and-white form of an emoji
LONGEST = 4000  # bytes of a run of emoji


class TextVariant:
    """One of `emoclf.text.cleaning.TEXT_VARIANTS` as a function in a graph."""

    def __init__(self, name: str) -> None:
        """Raises ModelError if this text variant is not implemented here."""
        if name not in ("light", "written"):
            raise ModelError(
                f"a classifier that reads the text variant {name!r} cannot be served; train one that "
                "reads the variant 'light'"
            )
        self.is_light = name == "light"
        signs = sorted({TEXT_SELECTOR, *(sign for one in emoji.EMOJI_DATA for sign in one if not sign.isascii())})
        sign = rf"(?:[0-9#*]\x{{FE0F}}?\x{{20E3}}|[{''.join(signs)}])"
        self.run = rf"{sign}(?:\s*{sign})*"
        pieces = sorted({*emoji.EMOJI_DATA, *signs})
        self.numbers = _table(pieces, tf.constant(range(len(pieces)), tf.int64), -1)
        self.words = _table(pieces, tf.constant([_in_words(piece) for piece in pieces]), "")

    def __call__(self, texts: Any) -> Any:
        """Return this variant of texts (n,)."""
        if self.is_light:
            texts = tf.strings.regex_replace(_unescape(texts), LINKS, " ")
            texts = _emoticons(self._emoji(texts))
        return tf.strings.strip(tf.strings.regex_replace(texts, SPACES, " "))

    def _emoji(self, texts: Any) -> Any:
        """Replace emoji by words; a repeated emoji counts once."""
        tokens = text.regex_split(texts, self.run, keep_delim_regex_pattern=self.run)
        is_run = tf.strings.regex_full_match(tokens.flat_values, self.run)
        tokenizer = text.WordpieceTokenizer(
            self.numbers, suffix_indicator="", max_bytes_per_word=LONGEST, token_out_type=tf.string
        )
        runs = tf.strings.split(tf.where(is_run, tokens.flat_values, ""))
        words = tf.ragged.map_flat_values(self.words.lookup, tokenizer.tokenize(runs).merge_dims(1, 2))
        others = tf.RaggedTensor.from_tensor(tf.where(is_run, "", tokens.flat_values)[:, None])
        parts = tokens.with_flat_values(tf.concat([others, words], axis=1)).merge_dims(1, 2)
        joined = tf.strings.reduce_join(_without_repeats(parts), axis=-1)
        return tf.strings.regex_replace(joined, MARK, "")


def _unescape(texts: Any) -> Any:
    for _ in TWICE:
        for entity, sign in ENTITIES:
            texts = tf.strings.regex_replace(texts, entity, sign)
    return tf.strings.regex_replace(texts, r"(?:\\[nrt])+", "\n")


def _without_repeats(parts: Any) -> Any:
    """Return ragged parts (n, parts) without repeated consecutive emoji."""
    parts = tf.ragged.boolean_mask(parts, tf.ragged.map_flat_values(tf.not_equal, parts, ""))
    flat, rows = parts.flat_values, parts.value_rowids()
    repeats = (flat[1:] == flat[:-1]) & (rows[1:] == rows[:-1]) & tf.strings.regex_full_match(flat[1:], f"{MARK}.*")
    first = tf.ones_like(flat[:1], dtype=tf.bool)
    return tf.ragged.boolean_mask(parts, parts.with_flat_values(tf.concat([first, ~repeats], axis=0)))


def _emoticons(texts: Any) -> Any:
    for name in dict.fromkeys(EMOTICONS.values()):
        synonyms = sorted((sign for sign, words in EMOTICONS.items() if words == name), key=len, reverse=True)
        pattern = "|".join(re.escape(sign) + (r"\b" if sign[-1].isalnum() else r"\B") for sign in synonyms)
        for _ in TWICE:
            texts = tf.strings.regex_replace(texts, rf"(?i)(^|[^\pL\pN_:])(?:{pattern})", rf"\1 {name} ")
    return texts


def _in_words(piece: str) -> str:
    """Return the replacement of an emoji, marked, or of a character that is part of one."""
    return f"{MARK}{emoji_to_words(piece)}" if piece in emoji.EMOJI_DATA else emoji_to_words(piece)


def _table(keys: Iterable[str], values: Any, default: Any) -> Any:
    return tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant(list(keys)), values), default_value=default
    )
