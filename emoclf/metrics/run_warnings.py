"""
Warnings about a run: which emotions macro-F1 covers, whether training stopped early, whether the run is degenerate.

All of this is read from the run's record, which may be of an earlier version. A degenerate run should not become the
active model without a confirmation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emoclf.labels import EMOTIONS
from emoclf.metrics.thresholds import GRID

FEW_POSITIVES = 30  # with fewer positive tweets, an F1 is too uncertain, whatever its interval
MIN_POSITIVES = 10  # dev tweets with an emotion, from which a run that predicts it for none is degenerate


def baseline_f1(support: int, n: int) -> float:
    """Return the F1 of predicting an emotion for every one of n tweets: precision p = support / n, recall 1.

    >>> baseline_f1(20, 80)  # 2 p / (1 + p)
    0.4
    """
    return 2 * support / (n + support) if support else 0.0


def recorded_macro(metrics: Mapping[str, Any]) -> tuple[float | None, tuple[str, ...]]:
    """Return a run's recorded macro-F1 and the emotions that it averages; no names if none are recorded.

    Earlier versions counted an emotion without positive tweets as an F1 of 0; it is left out here.
    """
    if not (each := metrics.get("per_emotion")):
        return metrics.get("macro_f1"), ()
    over = tuple(name for name, one in each.items() if one["support"])
    if len(over) == len(each) and metrics.get("macro_f1") is not None:
        return metrics["macro_f1"], over
    return (sum(each[name]["f1"] for name in over) / len(over) if over else None), over


def macro_baseline(metrics: Mapping[str, Any]) -> float | None:
    """Return the macro-F1 of predicting every emotion for every tweet, over the same emotions; None without figures."""
    _, over = recorded_macro(metrics)
    if not over:
        return None
    return sum(baseline_f1(metrics["per_emotion"][name]["support"], metrics["n"]) for name in over) / len(over)


def macro_in_words(over: Sequence[str]) -> str:
    """Return which emotions a macro-F1 averages, as part of a sentence; empty if all, or if unknown.

    >>> macro_in_words(EMOTIONS.names), macro_in_words(EMOTIONS.names[:9])
    ('', 'macro-F1 over 9 emotions; surprise and trust have no positive tweet here')
    """
    missing = [name for name in EMOTIONS.names if name not in over]
    if not missing or not over:
        return ""
    count = "1 emotion" if len(over) == 1 else f"{len(over)} emotions"
    have = "has" if len(missing) == 1 else "have"
    return f"macro-F1 over {count}; {listed(missing)} {have} no positive tweet here"


def few_in_words(support: Mapping[str, int]) -> str:
    """Return a sentence about the emotions with too few positive tweets for a reliable figure; empty if there are none.

    >>> few_in_words({"joy": 400, "trust": 12, "love": 0})
    'Under 30 positive tweets, so the figures are uncertain: trust (12).'
    """
    few = [f"{name} ({n})" for name, n in support.items() if 0 < n < FEW_POSITIVES]
    if not few:
        return ""
    return f"Under {FEW_POSITIVES} positive tweets, so the figures are uncertain: {listed(few)}."


@dataclass(frozen=True)
class EarlyStop:
    """Where a training was stopped early and kept the best model so far."""

    fold: int  # fold of the kept model, from 1; 0: the model on all tweets
    folds: int
    epoch: int  # the last epoch that the kept model finished
    epochs: int

    @property
    def words(self) -> str:
        """The kept model, as a sentence.

        >>> print(EarlyStop(2, 3, 1, 4).words)
        Stopped early: the model is that of fold 2 of 3, after epoch 1 of 4; it was not trained on the tweets of that \
fold.
        """
        after = f"after epoch {self.epoch} of {self.epochs}"
        if not self.fold:
            return (
                f"Stopped early: all {self.folds} folds were done; the model is the one trained on all tweets, {after}."
            )
        kept = f"the model is that of fold {self.fold} of {self.folds}, {after}"
        return f"Stopped early: {kept}; it was not trained on the tweets of that fold."


def early_stop(settings: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> EarlyStop | None:
    """Return where a training was stopped early, from its recorded epochs; None if it was not.

    It is also None for runs of versions that recorded no folds.

    >>> early_stop({"epochs": 2, "folds": 3}, [{"fold": 1, "epoch": 1}, {"fold": 1, "epoch": 2}])
    EarlyStop(fold=1, folds=3, epoch=2, epochs=2)
    >>> early_stop({"epochs": 2, "folds": 3}, [{"fold": 0, "epoch": 2}]) is None
    True
    """
    last = history[-1] if history else {}
    epochs, folds = settings.get("epochs"), settings.get("folds")
    if "fold" not in last or not epochs or not folds or (last["fold"] == 0 and last["epoch"] >= epochs):
        return None
    return EarlyStop(last["fold"], folds, last["epoch"], epochs)


def degenerate(metrics: Mapping[str, Any], thresholds: Sequence[float]) -> list[str]:
    """Return why a run should not become the active model without a confirmation, one sentence per reason.

    An emotion is predicted for every dev tweet, or for none although `MIN_POSITIVES` have it; a threshold lies at the
    end of the search range; or macro-F1 is no better than predicting every emotion for every tweet.

    Parameters
    ----------
    metrics : from the run's record; for a run without dev tweets, only the thresholds are checked
    thresholds : one per emotion
    """
    each, n = metrics.get("per_emotion") or {}, metrics.get("n") or 0
    found = []
    if always := [name for name, one in each.items() if _predicted(one) == n > one["support"]]:
        found.append(f"It predicts {listed(always)} for every dev tweet.")
    if never := [name for name, one in each.items() if one["support"] >= MIN_POSITIVES and _predicted(one) == 0]:
        found.append(f"It finds none of the dev tweets that carry {listed(never)}.")
    ends = [name for name, one in zip(EMOTIONS.names, thresholds, strict=False) if not GRID[0] < one < GRID[-1]]
    if ends:
        found.append(
            f"The threshold of {listed(ends)} lies at the end of the range that is tried ({GRID[0]:.2f} to "
            f"{GRID[-1]:.2f})."
        )
    macro, baseline = recorded_macro(metrics)[0], macro_baseline(metrics)
    if macro is not None and baseline is not None and macro <= baseline:
        found.append(
            f"Its macro-F1 of {100 * macro:.1f} is no better than predicting every emotion for every tweet "
            f"({100 * baseline:.1f})."
        )
    return found


def _predicted(one: Mapping[str, Any]) -> float:
    """Return the number of tweets predicted to have an emotion; estimated for runs of earlier versions."""
    if "predicted" in one:
        return float(one["predicted"])
    return round(one["recall"] * one["support"] / one["precision"]) if one["precision"] else 0


def listed(names: Sequence[str]) -> str:
    """Join names for a sentence.

    >>> listed(["joy"]), listed(["joy", "love", "fear"])
    ('joy', 'joy, love and fear')
    """
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
