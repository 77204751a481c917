"""
The training form: settings with explanations, the size of the training, and its expected duration.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from db import inspections
from db.store import Store
from emoclf.backends.settings import TrainingSettings
from emoclf.hub.uris import DEFAULT_ENCODER
from emoclf.metrics.label_support import few_positives
from jobs.settings.conversion import choices, to_json
from jobs.settings.training import LABELS, TrainSettings, in_sequence
from jobs.training import estimate
from jobs.training.estimate import Prospect
from ui.job_bar import begin, cancel, job_bar, newest
from ui.plain_text import tell
from ui.runs.synthetic_choice import synthetic_arms
from ui.saving import PERSISTENT

MOST_SEEDS = 5
BASE = (
    "The encoder that the training starts from. packaged: comes with the app, hf:google-bert/bert-base-uncased from "
    "the Hugging Face hub, tfhub:https://tfhub.dev/tensorflow/bert_en_uncased_L-12_H-768_A-12/4 from TensorFlow Hub, "
    "dir:/path from a folder. A larger one often scores higher and takes longer."
)
CHECK = (
    "Downloads the base model if it is not on this machine, loads it, and measures a few training steps. Train does so "
    "too."
)
EPOCHS = "Passes over all training tweets. More epochs take longer, and too many overfit."
SEED = (
    "Starts the random number generator. The same seed repeats a run; other seeds show how much of a change is random."
)
SEEDS = (
    "How many runs to train, one after the other, with consecutive seeds. With two or more runs for each kind of "
    "labels, the comparison can separate the effect of the labels from that of the seed."
)


@dataclass(frozen=True)
class Field:
    """An advanced setting."""

    name: str
    label: str
    effect: str
    lowest: float
    highest: float


MORE = (
    Field(
        "batch_size",
        "Batch size",
        "Tweets per training step. Smaller batches take more steps and more time per epoch.",
        1,
        512,
    ),
    Field(
        "learning_rate",
        "Learning rate",
        "Step size of the optimizer. If empty, chosen by the width of the base model.",
        1e-6,
        0.1,
    ),
    Field(
        "max_length",
        "Maximum length",
        "In tokens. Longer tweets are cut off; a larger value takes more time.",
        16,
        512,
    ),
    Field("folds", "Folds", "Parts for cross-validation, which gives out-of-fold predictions and thresholds.", 2, 20),
    Field("threads", "Threads", "Processor threads. If empty, all are used; fewer leave room for other work.", 1, 256),
)


def train_form(store: Store, is_busy: bool) -> None:
    """Draw the form; its button starts the training."""
    with st.container(border=True):
        chosen, labels, seeds = _settings(store)
        found = estimate.prospect(store, TrainingSettings(**chosen), labels)
        if found.problem:
            tell(st.warning, _sentence(found.problem))
        arms = synthetic_arms(store)
        then_predict = st.checkbox(
            "Then predict every tweet, for the review", value=True, key="train-predict", **PERSISTENT
        )
        button, words = st.columns([1, 4], vertical_alignment="center")
        _words(words, found, seeds)
        if button.button("Train", type="primary", disabled=is_busy or bool(found.problem), width="stretch"):
            cancel(store, "estimate")
            training = TrainSettings(**chosen, labels=labels, then_predict=then_predict)
            begin(store, "train", lambda: in_sequence(training, arms, seeds))
    if found.seconds is None and not (is_busy or found.problem):
        _measure(store, TrainingSettings(**chosen))


def _settings(store: Store) -> tuple[dict[str, Any], str, int]:
    """The chosen settings, the labels, and the number of seeds."""
    base_column, epochs_column, seed_column, seeds_column = st.columns([4, 1, 1, 1])
    labels = st.radio(
        "Train on",
        choices(TrainSettings, "labels"),
        format_func=lambda name: f"{name}: {LABELS[name]}",
        help="Dev tweets keep their original labels.",
        key="train-labels",
        **PERSISTENT,
    )
    chosen = {
        "base": base_column.text_input("Base model", TrainSettings.base, key="train-base", help=BASE, **PERSISTENT),
        "epochs": _epochs(epochs_column, store, labels),
        "seed": seed_column.number_input(
            "Seed", 0, value=TrainSettings.seed, key="train-seed", help=SEED, **PERSISTENT
        ),
    }
    seeds = seeds_column.number_input("Seeds", 1, MOST_SEEDS, 1, key="train-seeds", help=SEEDS, **PERSISTENT)
    with st.expander("Advanced settings"):
        columns = st.columns(2)
        more = {field.name: _number(columns[n % 2], field) for n, field in enumerate(MORE)}
    return {**chosen, **more}, labels, seeds


def _epochs(place: Any, store: Store, labels: str) -> int:
    """The number of epochs; the number of tweets sets the default."""
    with store.reading() as session:
        tweets, _ = inspections.trainable_counts(session, labels)
    usual = TrainingSettings().complete(tweets).epochs
    epochs: int = place.number_input("Epochs", 1, 50, usual, key=f"train-epochs-{usual}", help=EPOCHS, **PERSISTENT)
    return epochs


def _number(place: Any, field: Field) -> Any:
    default = getattr(TrainingSettings(), field.name)
    kind, shown = (float, "%g") if field.highest < 1 else (int, "%d")
    step = kind(field.lowest) if kind is float else 1
    chosen = place.number_input(
        field.label,
        kind(field.lowest),
        kind(field.highest),
        default,
        step,
        format=shown,
        placeholder="automatic",
        key=f"train-{field.name}",
        **PERSISTENT,
    )
    place.caption(field.effect)
    return chosen


def _words(place: Any, found: Prospect, seeds: int) -> None:
    """The size and expected duration of the training, in a sentence or two."""
    time = found.source if found.seconds is None else f"{in_minutes(found.seconds)}, {found.source}"
    if seeds > 1:
        time += f"; {seeds} trainings, each this long"
    first = f" and {found.first_stage_steps:,} steps of a first stage, once" if found.first_stage_steps else ""
    place.caption(
        f"{found.tweets:,} tweets, {found.steps:,} steps{first}: {time}. {_sentence(few_positives(found.positives))}"
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def in_minutes(seconds: float) -> str:
    """A duration in words.

    >>> in_minutes(20), in_minutes(89), in_minutes(610)
    ('under a minute', 'about 1 minute', 'about 10 minutes')
    """
    minutes = round(seconds / 60)
    if seconds < 45:
        return "under a minute"
    return "about 1 minute" if minutes <= 1 else f"about {minutes:,} minutes"


def _measure(store: Store, settings: TrainingSettings) -> None:
    """Measure the seconds per step, unless this is running or has failed before.

    The model that comes with the app is measured at once; any other one is downloaded and loaded only on request, since
    its name may be half typed.
    """
    wanted = estimate.job_settings(settings)
    last = newest(store, "estimate")
    is_running, is_this = last is not None and not last.is_over, last is not None and last.settings == to_json(wanted)
    if not is_this and (not is_running if settings.base == DEFAULT_ENCODER else _is_asked(is_running)):
        begin(store, "estimate", lambda: wanted)
    if is_running or is_this:
        job_bar(store, "estimate")


def _is_asked(is_running: bool) -> bool:
    """Draw the button that checks a base model; return whether it was clicked."""
    return st.button("Check the base model", help=CHECK, key="train-check", disabled=is_running)
