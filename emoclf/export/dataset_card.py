"""
Writes the data set card of an exported folder for Hugging Face `datasets`, as Markdown with YAML in front.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emoclf.export.licences import Licence
from emoclf.labels import EMOTIONS

IDENTIFIERS = {"CC0 1.0": "cc0-1.0", "CC BY 4.0": "cc-by-4.0"}  # of the licences that Hugging Face knows
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
LARGEST = "1M<n<10M"

COLUMNS = """| column | what it holds |
|---|---|
| `id` | the tweet's ID |
| `text` | the text, unchanged |
| `labels` | the emotions, as a list of `ClassLabel`; empty: none of them; null: unlabelled |
| `label_origin` | `original`: the labels came with the data; `decision`: they were decided in a review; `synthetic`: \
the tweet was written by a model and accepted by a reviewer |
| `decided_by` | `person`: a reviewer decided on this tweet; `batch`: its labels were accepted in bulk with others; \
null: not decided |
| `original_labels` | the labels that came with the data |
| `metadata` | the further columns of the data file, as JSON |"""

USE = """```python
from datasets import load_dataset

data = load_dataset("PATH_OF_THIS_FOLDER")
names = data["{split}"].features["labels"].feature.names
```"""


@dataclass(frozen=True)
class CardFacts:
    """The facts for the card; counts are of tweets."""

    splits: Mapping[str, int]
    emotions: Mapping[str, int]
    origins: Mapping[str, int]  # by label_origin
    deciders: Mapping[str, int]  # by decided_by
    sources: Mapping[Licence | None, int]  # imported tweets by data set; None: unknown
    models: Sequence[Licence]


def dataset_card(facts: CardFacts) -> str:
    """Return the text of README.md: the YAML that `datasets` reads, then what a person should know."""
    return f"""---
{_yaml(facts)}
---

# Emotion labels of {sum(facts.splits.values()):,} tweets

Tweets with any number of {len(EMOTIONS)} emotions each, exported from emoclf.

{USE.format(split=next(iter(facts.splits)))}

{COLUMNS}

## Where the labels came from
{_provenance(facts)}

| emotion | tweets |
|---|---|
{chr(10).join(f"| {name} | {facts.emotions.get(name, 0):,} |" for name in EMOTIONS.names)}

{_credits(facts)}
"""


def _yaml(facts: CardFacts) -> str:
    total = sum(facts.splits.values())
    size = next((name for limit, name in SIZES if total < limit), LARGEST)
    files = [f"  - split: {name}\n    path: data/{name}.parquet" for name in facts.splits]
    counts = [f"  - name: {name}\n    num_examples: {n}" for name, n in facts.splits.items()]
    return "\n".join(
        [
            *_licence(facts.sources),
            "task_categories:\n- text-classification",
            "task_ids:\n- multi-label-classification",
            f"size_categories:\n- {size}",
            "configs:\n- config_name: default\n  data_files:",
            *files,
            "dataset_info:\n  config_name: default\n  features:",
            *(_feature(name) for name in ("id", "text", "labels", "label_origin", "decided_by")),
            *(_feature(name) for name in ("original_labels", "metadata")),
            "  splits:",
            *counts,
        ]
    )


def _feature(name: str) -> str:
    if not name.endswith("labels"):
        return f"  - name: {name}\n    dtype: string"
    names = "\n".join(f"          '{n}': {emotion}" for n, emotion in enumerate(EMOTIONS.names))
    return f"  - name: {name}\n    sequence:\n      class_label:\n        names:\n{names}"


def _licence(sources: Mapping[Licence | None, int]) -> list[str]:
    """Return the lines on the licence; "unknown" unless every tweet's data set is known."""
    found = [one for one, n in sources.items() if n]
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return ["license: unknown"]
    if len(known) == 1 and known[0].licence in IDENTIFIERS:
        return [f"license: {IDENTIFIERS[known[0].licence]}"]
    names = " and ".join(f"{one.work}: {one.licence}" for one in known)
    return ["license: other", f"license_name: {json.dumps(names)}", f"license_link: {known[0].link}"]


def _provenance(facts: CardFacts) -> str:
    by = {
        "original": "have the labels that came with the data",
        "decision": "have labels that were decided in a review",
        "synthetic": "are synthetic: a model wrote them, and a reviewer accepted them",
        "unlabelled": "have no labels",
    }
    lines = [
        f"- {facts.origins[name]:,} {words}{_in_bulk(name, facts)}."
        for name, words in by.items()
        if facts.origins.get(name)
    ]
    return "\n".join(lines)


def _in_bulk(origin: str, facts: CardFacts) -> str:
    n = facts.deciders.get("batch", 0)
    return f", {n:,} of them accepted in bulk after a random sample was checked" if origin == "decision" and n else ""


def _credits(facts: CardFacts) -> str:
    lines = [f"{n:,} tweets are of {one.in_words}. {one.link}" for one, n in facts.sources.items() if one]
    if rest := facts.sources.get(None):
        lines.append(f"Where {rest:,} tweets come from is not recorded; whoever imported them knows their terms.")
    lines += [f"Model: {one.in_words}" for one in facts.models]
    return "## Licence and attribution\n" + "\n".join(f"- {line.rstrip('. ')}." for line in lines)
