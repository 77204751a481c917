"""
Writes the model card of an exported classifier as Markdown, from the run's record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from emoclf.export.licences import Licence, licence_of, licence_of_corpus
from emoclf.labels import EMOTIONS
from emoclf.metrics.run_warnings import recorded_macro
from emoclf.text.cleaning import STEPS

USE = """```python
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

model = AutoModelForSequenceClassification.from_pretrained(folder)
tokenizer = AutoTokenizer.from_pretrained(folder)
inputs = tokenizer(["so happy today"], truncation=True, padding=True, return_tensors="pt")
with torch.inference_mode():
    probabilities = torch.sigmoid(model(**inputs).logits)
present = probabilities >= torch.tensor([model.config.thresholds[name] for name in model.config.id2label.values()])
```"""

VARIANT_DESCRIPTIONS = {
    "written": "As written means: as it was published, white space collapsed.",
    "light": """Lightly cleaned means: HTML entities are undone, links removed, emoji and emoticons written out as
words, and white space collapsed. The rest stays as it was published. `emoclf.text.cleaning.clean_lightly` does it.""",
    "cleaned": f"""Cleaned means, in this order: {", ".join(STEPS)}.
That is: HTML entities are undone, links and @mentions removed, emoji and emoticons written out as words, hashtags
opened into their words, everything lowercased, contractions written out, signs reduced to plain punctuation, repeated
signs to two, numbers that stand alone removed, and white space collapsed. `emoclf.text.cleaning.clean` does it.""",
}
VARIANT_NAMES = {"written": "as written", "light": "lightly cleaned", "cleaned": "cleaned"}


@dataclass(frozen=True)
class CardFacts:
    """The facts for the card, as plain values; counts are of tweets."""

    name: str
    created: str  # a date
    code_version: str
    base: str  # the URI of the encoder that training started from
    seed: int
    seconds: float
    settings: Mapping[str, Any]
    data_hash: str
    counts: Mapping[str, int]  # by role: train, dev, and slice in runs of earlier versions
    positives: Mapping[str, int]  # training tweets, by emotion
    decided: int  # training tweets whose labels a reviewer decided
    reviewers: int
    origins: Mapping[Licence | None, int]  # all these tweets by data set; None: unknown
    thresholds: Mapping[str, float]
    metrics: Mapping[str, Any]  # from the run's record
    calibration: Mapping[str, Any] | None  # from the run's record
    in_bulk: int = 0  # training tweets whose labels were accepted in bulk
    remarks: Sequence[str] = ()  # warnings about the figures, a sentence each


def model_card(facts: CardFacts) -> str:
    """Return the whole card."""
    parts = [_head(facts), _input(facts), _data(facts), _figures(facts), _training(facts), _limits(), _credits(facts)]
    return "\n\n".join(parts) + "\n"


def _head(facts: CardFacts) -> str:
    name = " ".join(facts.name.split())
    return f"""---
library_name: transformers
pipeline_tag: text-classification
language: en
tags: [emotion, multi-label, tweets]
---
# {name}

A BERT that gives an English tweet a probability for each of eleven emotions, several of which may be present at once:
{", ".join(EMOTIONS.names)}. Trained on {facts.created} with emoclf {facts.code_version}.

{USE}

`model.config.thresholds` holds the probability from which each emotion counts as present. The first layers are those
of the trained encoder; the last one averages the word vectors. Use float32 or bfloat16: float16 cannot hold its
numbers."""


def _input(facts: CardFacts) -> str:
    """Return which input the model needs for the figures to hold."""
    variant, *others = facts.settings.get("views", ["cleaned"])
    also = (
        f"\n\nIn training it also saw them {' and '.join(VARIANT_NAMES[other] for other in others)}." if others else ""
    )
    return f"""## Feed the text {VARIANT_NAMES[variant]}
The model was trained on such texts, and its figures and thresholds hold for them only.

{VARIANT_DESCRIPTIONS[variant]}{also}"""


def _data(facts: CardFacts) -> str:
    train = facts.counts.get("train", 0) + facts.counts.get("slice", 0)
    rows = "\n".join(f"| {name} | {facts.positives.get(name, 0):,} |" for name in EMOTIONS.names)
    return f"""## Data
{train:,} training tweets, {_thresholds(facts)};
{facts.counts.get("dev", 0):,} dev tweets to score on, which were never trained on, nor were tweets that differ from
them in a hashtag, a mention or a link only.
{_labels(facts, train)} Data hash: `{facts.data_hash}`.

| emotion | training tweets that carry it |
|---|---|
{rows}"""


def _thresholds(facts: CardFacts) -> str:
    """Return how the thresholds were chosen."""
    if held_out := facts.counts.get("slice", 0):
        return f"{held_out:,} of them held out to choose the epoch and thresholds"
    return f"""all of them by this model. Its thresholds were chosen on what up to
{facts.settings.get("folds", 0)} other models, trained like it, predicted for training tweets that they were not trained
on, nor on their twins"""


def _labels(facts: CardFacts, train: int) -> str:
    if not facts.decided and not facts.in_bulk:
        return "All training labels are the ones that came with the data."
    people = "1 reviewer" if facts.reviewers == 1 else f"{facts.reviewers} reviewers"
    bulk = f", those of {facts.in_bulk:,} accepted in bulk after a sample was checked" if facts.in_bulk else ""
    return (
        f"The labels of {facts.decided:,} training tweets were decided by {people}{bulk}; those of the other "
        f"{train - facts.decided - facts.in_bulk:,} are the ones that came with the data."
    )


def _figures(facts: CardFacts) -> str:
    metrics = facts.metrics
    if not metrics.get("n"):
        return f"## Figures\nThere were no dev tweets to score on.{_remarks(facts)}"
    rows = "\n".join(_figures_row(name, one) for name, one in metrics["per_emotion"].items())
    macro = recorded_macro(metrics)[0] or 0.0
    return f"""## Figures
On {metrics["n"]:,} dev tweets with the labels they came with: macro-F1 {macro:.3f}, micro-F1 \
{metrics["micro_f1"]:.3f}, Jaccard {metrics["jaccard"]:.3f}. {_intervals(metrics)}{_remarks(facts)}

| emotion | tweets | precision | recall | F1 | 95 % |
|---|---|---|---|---|---|
{rows}"""


def _intervals(metrics: Mapping[str, Any]) -> str:
    """Return which intervals these are: runs of earlier versions recorded others."""
    if "macro_over" not in metrics:
        return "Intervals are 95 % percentile bootstraps over tweets, which are too narrow for rare emotions."
    return "Intervals are 95 % Wilson intervals carried to F1 (Lam et al., arXiv:2309.14621)."


def _remarks(facts: CardFacts) -> str:
    return "".join(f"\n\n{words}" for words in facts.remarks)


def _figures_row(name: str, one: Mapping[str, Any]) -> str:
    figures = f"{one['precision']:.3f} | {one['recall']:.3f} | {one['f1']:.3f}"
    return f"| {name} | {one['support']:,} | {figures} | {one['f1_low']:.3f} to {one['f1_high']:.3f} |"


def _training(facts: CardFacts) -> str:
    settings = {name: value for name, value in facts.settings.items() if name != "first_stage" and value is not None}
    rows = "\n".join(f"| {name} | {value} |" for name, value in (settings | {"base": _public(facts.base)}).items())
    thresholds = ", ".join(f"{name} {value:.3f}" for name, value in facts.thresholds.items())
    return f"""## Training
From {_public(facts.base)}, seed {facts.seed}, {facts.seconds:,.0f} seconds. Thresholds: {thresholds}.
{_calibration(facts.calibration)}

| setting | value |
|---|---|
{rows}"""


def _calibration(fitted: Mapping[str, Any] | None) -> str:
    if not fitted:
        return ""
    return f"""
The probabilities above, and the thresholds, are as the model gives them. For calibrated probabilities,
use `sigmoid(slope * log(p / (1 - p)) + intercept)` with `model.config.calibration`: on {fitted["n"]:,} training tweets
that the predicting models never saw, the expected calibration error went from {fitted["ece_before"]:.3f} to \
{fitted["ece_after"]:.3f}{_floor(fitted)}.
"""


def _floor(fitted: Mapping[str, Any]) -> str:
    """Return the floor of the calibration errors, which runs of earlier versions did not record."""
    if "ece_floor" not in fitted:
        return ""
    return f""" (a perfectly calibrated model would show {fitted["ece_floor"]:.3f} on as many tweets), the Brier score \
from {fitted["brier_before"]:.3f} to {fitted["brier_after"]:.3f}"""


def _public(uri: str) -> str:
    """Return a model's URI without local folders.

    >>> _public("dir:/home/ana/encoder")
    'dir:encoder'
    """
    scheme, _, rest = uri.partition(":")
    is_folder = scheme == "dir" or (scheme == "tfhub" and not rest.startswith("http"))
    return f"{scheme}:{PurePath(rest.partition('#')[0]).name}" if is_folder else uri


def _limits() -> str:
    return """## Intended use and limits
For finding and counting emotions in many English tweets, and for choosing which labels a person should look at again.
Emotions are what readers ascribe to a tweet, and readers disagree; the rare ones are found least well. Not for judging
a single person, nor for decisions about one. Other languages and other kinds of text were not measured."""


def _credits(facts: CardFacts) -> str:
    base = None if _public(facts.base) != facts.base else licence_of(facts.base)  # a folder's name proves nothing
    unknown = f"The encoder {_public(facts.base)} has a licence of its own, which its publisher states"
    lines = [base.in_words if base else unknown]
    lines += [f"{n:,} tweets are of {licence.in_words}" for licence, n in facts.origins.items() if licence]
    lines += [_corpus(corpus) for corpus in _corpora(facts.settings)]
    if rest := facts.origins.get(None):
        lines.append(f"Where {rest:,} tweets come from is not recorded; whoever imported them knows their terms.")
    return "## Licence and attribution\n" + "\n".join(f"- {line.removesuffix('.')}." for line in lines)


def _corpora(settings: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the corpora of the encoder's first stage, if it had one."""
    return list((settings.get("first_stage") or {}).get("corpora", ()))


def _corpus(corpus: Mapping[str, Any]) -> str:
    known = licence_of_corpus(corpus["name"])
    terms = known.in_words if known else f"licence: {corpus.get('licence') or 'not recorded'}"
    return f"In a first stage the encoder learned from {corpus['texts']:,} texts of {corpus['name']}. {terms}"
