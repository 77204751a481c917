"""
Tokenizes texts with TensorFlow Hub preprocessing, loaded from a SavedModel or converted from a BERT tokenizer.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from emoclf.backends.on_tfhub.encoder import INPUTS
from emoclf.errors import ModelError
from emoclf.hub.tensorflow_library import text, tf

CONTROLS = r"[\p{Cc}\p{Cf}\p{Co}\x{FFFD}]"
LENGTH = 128  # word pieces of a text, as packed by the published preprocessing


class WordPieces:
    """A preprocessing model with the interface of a transformers tokenizer."""

    pad_token_id = 0  # any id works, because padding is masked

    def __init__(self, model: Any, folder: Path, vocabulary_size: int | None = None) -> None:
        """`folder` is where the model was loaded from, `vocabulary_size` the size of the encoder's vocabulary."""
        self.model, self.folder, self.vocabulary_size = model, folder, vocabulary_size

    def __call__(
        self,
        texts: Sequence[str],
        truncation: bool = True,
        max_length: int = LENGTH,
        split_special_tokens: bool = True,
    ) -> dict[str, Any]:
        """Return the ids of each text with special tokens; those spelled out in a text are treated as text.

        A text is truncated to `max_length`, or to the model's packed length (128 in published models) if that is
        shorter.

        Raises
        ------
        ModelError : if the model returns ids outside the encoder's vocabulary
        """
        packed = self.model(tf.constant(list(texts)))
        ids, lengths = packed[INPUTS[0]].numpy(), packed[INPUTS[1]].numpy().sum(axis=1)
        if self.vocabulary_size is not None and ids.max() >= self.vocabulary_size:
            raise ModelError(
                f"the preprocessing in {self.folder} belongs to another encoder: it gives word piece {ids.max():,}, "
                f"and the encoder knows {self.vocabulary_size:,}; name the encoder's own: tfhub:ENCODER#PREPROCESSING"
            )
        return {"input_ids": [_cut(row[:length], max_length) for row, length in zip(ids, lengths, strict=True)]}


def _cut(ids: np.ndarray, longest: int) -> list[int]:
    """Truncate ids but keep the last one, which ends the text.

    >>> _cut(np.array([101, 7, 8, 9, 102]), 4)
    [101, 7, 8, 102]
    """
    kept: list[int] = ids.tolist()
    return kept if len(kept) <= longest else [*kept[: longest - 1], kept[-1]]


def truncated(ids: Any, mask: Any, longest: int) -> tuple[Any, Any]:
    """Return packed ids and mask (n, length), truncated as in `WordPieces`, and trimmed to the longest text of the
    batch.
    """
    lengths = tf.reduce_sum(mask, axis=1, keepdims=True)
    last = tf.gather(ids, lengths - 1, batch_dims=1)
    columns = tf.range(tf.shape(ids)[1])[None, :]
    ids = tf.where((columns == longest - 1) & (lengths > longest), last, ids)
    width = tf.minimum(tf.reduce_max(lengths), longest)
    return ids[:, :width], mask[:, :width]


class Preprocessing:
    """The steps of BERT's preprocessing, as functions that can be saved; texts are cut only to a packed length."""

    def __init__(self, tokenizer: Any, length: int = LENGTH) -> None:
        """`tokenizer` is a BERT tokenizer of transformers; texts are packed into `length` pieces.

        Raises
        ------
        ModelError : if it is of another kind
        """
        if not type(tokenizer).__name__.startswith("BertTokenizer"):
            raise ModelError(f"only a BERT tokenizer can be exported, and this one is {type(tokenizer).__name__}")
        words = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
        if [number for _, number in words] != list(range(len(words))):
            raise ModelError("the tokenizer's vocabulary has gaps, so it cannot be exported")
        self.words = [word for word, _ in words]
        self.length, self.start, self.end = length, tokenizer.cls_token_id, tokenizer.sep_token_id
        self.lowercases = _lowercases(tokenizer)
        self.pieces = text.BertTokenizer(
            self._table(), token_out_type=tf.int32, lower_case=False, unknown_token=tokenizer.unk_token
        )

    def _table(self) -> Any:
        numbers = tf.constant(range(len(self.words)), tf.int64)
        entries = tf.lookup.KeyValueTensorInitializer(tf.constant(self.words), numbers)
        self.table = tf.lookup.StaticVocabularyTable(entries, num_oov_buckets=1)
        return self.table

    def __call__(self, texts: Any) -> dict[str, Any]:
        """Return an encoder's inputs for texts (n,), each (n, length)."""
        return self.pack(self.tokenize(texts), self.length)

    def tokenize(self, texts: Any) -> Any:
        """Return the word-piece ids of texts (n,), a ragged tensor (n, pieces)."""
        return self.pieces.tokenize(self._normal(texts)).merge_dims(1, 2)

    def _normal(self, texts: Any) -> Any:
        """Normalise as the tokenizer does; TensorFlow's own normalisation would also expand … and ½."""
        texts = tf.strings.regex_replace(tf.strings.regex_replace(texts, r"[\t\n\r]", " "), CONTROLS, "")
        if not self.lowercases:
            return texts
        texts = tf.strings.regex_replace(text.normalize_utf8(texts, "NFD"), r"\p{Mn}", "")
        return tf.strings.lower(texts, encoding="utf-8")

    def pack(self, pieces: Any, length: Any) -> dict[str, Any]:
        """Return an encoder's inputs, each (n, length)."""
        marked, types = text.combine_segments([pieces[:, : length - 2]], self.start, self.end)
        words, mask = text.pad_model_inputs(marked, length)
        types, _ = text.pad_model_inputs(types, length)
        return dict(zip(INPUTS, (tf.cast(part, tf.int32) for part in (words, mask, types)), strict=True))

    def saved(self) -> Any:
        """Return the object for `tf.saved_model.save`."""
        strings = tf.TensorSpec([None], tf.string)
        ragged = tf.RaggedTensorSpec([None, None], tf.int32)
        saved = tf.train.Checkpoint()
        saved.tables = [self.table]
        saved.__call__ = tf.function(self.__call__, [strings], autograph=False)
        saved.tokenize = tf.function(self.tokenize, [strings], autograph=False)
        saved.bert_pack_inputs = tf.function(self.pack, [ragged, tf.TensorSpec([], tf.int32)], autograph=False)
        return saved


def _lowercases(tokenizer: Any) -> bool:
    """Return whether a tokenizer converts texts to lower case without accents."""
    normaliser = getattr(getattr(tokenizer, "backend_tokenizer", None), "normalizer", None)
    return bool(getattr(normaliser, "lowercase", getattr(tokenizer, "do_lower_case", True)))
