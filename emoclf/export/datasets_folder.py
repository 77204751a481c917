"""
Writes labelled tweets as a folder that the `datasets` library of Hugging Face loads: Parquet files and a data set card.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from emoclf.export.dataset_card import CardFacts, dataset_card
from emoclf.export.exported_tweets import ExportedTweet, in_order
from emoclf.export.licences import Licence, licence_of_tweet
from emoclf.labels import EMOTIONS

SPLITS = {"train": "train", "dev": "validation", "test": "test"}  # as users of `datasets` expect them
LABELS = ("labels", "original_labels")
BATCH = 10_000  # tweets that are converted at a time


def write(folder: Path, tweets: Iterable[ExportedTweet], models: Sequence[Licence]) -> int:
    """Write the tweets to an empty folder and return their number.

    Parameters
    ----------
    models : the licences of the models that took part, whom the card credits
    """
    (folder / "data").mkdir()
    counts = _Counts()
    with ExitStack() as stack:
        files = _Files(folder / "data", stack)
        rest = iter(counts.passing(tweets))
        while some := list(islice(rest, BATCH)):
            for split, name in SPLITS.items():
                if chosen := [tweet for tweet in some if tweet.split == split]:
                    files.write(name, chosen)
        if not files.writers:
            files.write(SPLITS["train"], [])
        splits = {name: counts.splits[split] for split, name in SPLITS.items() if name in files.writers}
    card = dataset_card(
        CardFacts(splits, counts.emotions, counts.origins, counts.deciders, counts.sources, tuple(models))
    )
    (folder / "README.md").write_text(card, encoding="utf-8", newline="")
    return sum(splits.values())


class _Counts:
    """What the card says about the tweets, counted while they pass."""

    def __init__(self) -> None:
        self.splits: Counter[str] = Counter()
        self.emotions: Counter[str] = Counter()
        self.origins: Counter[str] = Counter()
        self.deciders: Counter[str] = Counter()
        self.sources: Counter[Licence | None] = Counter()

    def passing(self, tweets: Iterable[ExportedTweet]) -> Iterator[ExportedTweet]:
        for tweet in tweets:
            self.splits[tweet.split] += 1
            self.emotions.update(tweet.labels or ())
            self.origins[tweet.label_origin] += 1
            self.deciders[tweet.decided_by or ""] += 1
            if tweet.label_origin != "synthetic":
                self.sources[licence_of_tweet(tweet.key)] += 1
            yield tweet


class _Files:
    """The Parquet file of each split, opened when the first tweet of the split comes."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack, self.schema = folder, stack, _schema()
        self.writers: dict[str, Any] = {}

    def write(self, split: str, tweets: Sequence[ExportedTweet]) -> None:
        import pyarrow
        import pyarrow.parquet

        if split not in self.writers:
            path = self.folder / f"{split}.parquet"
            self.writers[split] = self.stack.enter_context(pyarrow.parquet.ParquetWriter(path, self.schema))
        columns = {
            "id": [tweet.key for tweet in tweets],
            "text": [tweet.text for tweet in tweets],
            "labels": [_numbers(tweet.labels) for tweet in tweets],
            "label_origin": [tweet.label_origin for tweet in tweets],
            "decided_by": [tweet.decided_by for tweet in tweets],
            "original_labels": [_numbers(tweet.original) for tweet in tweets],
            "metadata": [tweet.metadata_json for tweet in tweets],
        }
        self.writers[split].write_table(pyarrow.Table.from_pydict(columns, schema=self.schema))


def _numbers(labels: frozenset[str] | None) -> list[int] | None:
    return None if labels is None else [EMOTIONS.names.index(name) for name in in_order(labels)]


def _schema() -> Any:
    """Return the Arrow schema, with the features in the metadata as `datasets` stores them."""
    import pyarrow

    columns = ("id", "text", "labels", "label_origin", "decided_by", "original_labels", "metadata")
    numbers = pyarrow.list_(pyarrow.int64())
    schema = pyarrow.schema([(name, numbers if name in LABELS else pyarrow.string()) for name in columns])
    class_label = {"names": list(EMOTIONS.names), "_type": "ClassLabel"}
    labels = {"feature": class_label, "length": -1, "_type": "Sequence"}
    text = {"dtype": "string", "_type": "Value"}
    features = {name: labels if name in LABELS else text for name in columns}
    return schema.with_metadata({"huggingface": json.dumps({"info": {"features": features}})})
