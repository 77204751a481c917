"""
Describes the limits of a run in sentences (stopped early, degenerate, few examples), for page, command line and card.
"""

from db.values import Run
from emoclf.metrics.run_warnings import EarlyStop, degenerate, early_stop, few_in_words, macro_in_words, recorded_macro

NOT_IN_USE = "It is not used for the review unless somebody promotes it and confirms that."


def stopped(run: Run) -> EarlyStop | None:
    """Where the training of a run was stopped early; None if it was not."""
    return early_stop(run.settings, run.history)


def warnings(run: Run) -> list[str]:
    """A sentence for each reason why a run is degenerate; empty if it is not."""
    return degenerate(run.metrics, run.thresholds)


def state(run: Run) -> str:
    """The state of a run in a few words: promoted, files deleted, stopped early, degenerate; empty if none applies."""
    words = ["promoted"] if run.promoted else [] if run.files else ["files deleted"]
    words += ["stopped early"] if stopped(run) else []
    words += ["degenerate, not in use"] if warnings(run) and not run.promoted else []
    return ", ".join(words)


def named(run: Run) -> str:
    """The label of a run in a selector."""
    return f"run {run.id} · {run.name}" + (" · stopped early" if stopped(run) else "")


def in_words(run: Run) -> list[str]:
    """All sentences on a run: stopped early, degenerate, limits of its figures."""
    return warnings_in_words(run) + figures_in_words(run)


def warnings_in_words(run: Run) -> list[str]:
    """The sentences on a run that was stopped early or is degenerate."""
    stop, reasons = stopped(run), warnings(run)
    words = [stop.words] if stop else []
    if reasons:
        words += [f"Degenerate: {' '.join(reasons)}" + ("" if run.promoted else f" {NOT_IN_USE}")]
    return words


def figures_in_words(run: Run) -> list[str]:
    """The limits of a run's figures: emotions without a positive tweet, and those with few."""
    macro = macro_in_words(recorded_macro(run.metrics)[1])
    each = run.metrics.get("per_emotion") or {}
    few = few_in_words({name: one["support"] for name, one in each.items()})
    return [words for words in (macro and f"{macro[0].upper()}{macro[1:]}.", few) if words]
