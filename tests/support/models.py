"""A tiny BERT with random weights in a folder for `dir:` URIs, so that a training takes a second in tests."""

from pathlib import Path

import numpy as np

from db.store import Store
from db.tweets import add_tweets
from emoclf.labels import EMOTIONS
from emoclf.tweets import LabelledTexts, Tweet

# One characteristic word per emotion, in label order.
KEYWORDS = ("furious", "soon", "gross", "scared", "happy", "adore", "hopeful", "doomed", "crying", "wow", "reliable")
FILLERS = ("the", "train", "is", "late", "again", "my", "cat", "ate", "a", "cake", "today", "and", "we", "saw", "it")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
TRAIN, DEV = 110, 33  # number of tweets of the fixture `toys`
may_train = True  # set before every test: whether its marker allows a training


def check_marker() -> None:
    """Raise if a test of `make quick` uses a network."""
    assert may_train, "a test that makes a network needs the marker `training`"


def tiny_bert(folder: Path) -> str:
    """Write a checkpoint with 2 layers and width 32 to `folder`; return its URI."""
    check_marker()
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = [*SPECIAL, *KEYWORDS, *FILLERS, "!", "?", ".", ","]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
        BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=64, **size)).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return f"dir:{folder}"


def toy_tweets(n: int = 330, seed: int = 0) -> LabelledTexts:
    """Invented tweets with an emotion exactly where they contain its characteristic word; no twins."""
    random = np.random.default_rng(seed)
    labels = np.zeros((n, len(EMOTIONS)), dtype=np.int8)
    texts = []
    for row in range(n):
        words = random.choice(FILLERS, size=random.integers(4, 12)).tolist()
        for emotion in {row % 11, int(random.integers(11))}:
            labels[row, emotion] = 1
            words.insert(int(random.integers(len(words))), KEYWORDS[emotion])
        texts.append(" ".join(words))
    return LabelledTexts(texts, labels, [str(row) for row in range(n)])


def fill(store: Store) -> None:
    """Add the tweets of the fixture `toys`; the first train tweet is a twin of the first dev tweet."""
    toy = toy_tweets(TRAIN + DEV)
    choices = EMOTIONS.decode(toy.labels)
    texts = [f"{text} {n}" for n, text in enumerate(toy.texts)]  # the number prevents accidental twins
    texts[0] = texts[TRAIN] + " #late"
    splits = ["train"] * TRAIN + ["dev"] * DEV
    keys = [f"t{n}" for n in range(TRAIN)] + [f"d{n}" for n in range(DEV)]
    with store.writing() as session:
        rows = zip(keys, texts, choices, splits, strict=True)
        add_tweets(session, [Tweet(key, text, chosen, split) for key, text, chosen, split in rows])
