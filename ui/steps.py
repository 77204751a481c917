"""
The five steps of the workflow with progress and links; the next step is highlighted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from db.values import Counts, Run
from emoclf.metrics.run_warnings import macro_in_words, recorded_macro
from jobs.training import run_warnings


@dataclass(frozen=True)
class Step:
    """One step of the workflow."""

    page: str
    title: str
    figure: str
    words: str
    is_done: bool


def steps(counts: Sequence[Counts], runs: Sequence[Run]) -> list[Step]:
    """The five steps with their progress in the store."""
    tweets, suggested = sum(c.tweets for c in counts), sum(c.suggested for c in counts)
    predicted, decided = sum(c.predicted for c in counts), sum(c.decided for c in counts)
    macro = recorded_macro(runs[0].metrics)[0] if runs else None
    unlabelled = sum(c.unlabelled for c in counts)
    splits = " + ".join(f"{c.tweets:,} {c.split}" for c in counts)
    splits += f"; {unlabelled:,} without labels" if unlabelled else ""
    return [
        Step("data", "Import", f"{tweets:,}", splits, True),
        Step("suggest", "LLM suggests", f"{suggested:,}", f"of {tweets:,} tweets", suggested > 0),
        Step("retrain", "BERT predicts", f"{predicted:,}", f"of {tweets:,} tweets", predicted >= tweets),
        Step("review", "You decide", f"{decided:,}", f"of {tweets:,} tweets", decided > 0),
        Step("retrain", "Retrain", *_newest(runs, macro), bool(runs) and decided > 0),
    ]


def _newest(runs: Sequence[Run], macro: float | None) -> tuple[str, str]:
    if not runs:
        return "–", "no run yet"
    over = macro_in_words(recorded_macro(runs[0].metrics)[1]).partition("; ")[2]
    words = [f"macro-F1 of run {runs[0].id} on dev", *filter(None, [over, run_warnings.state(runs[0])])]
    return (f"{100 * macro:.1f}" if macro is not None else "–"), "; ".join(words)


def show_steps(counts: Sequence[Counts], runs: Sequence[Run]) -> None:
    """Draw the steps; the first unfinished one is highlighted."""
    shown = steps(counts, runs)
    upcoming = next((i for i, step in enumerate(shown) if not step.is_done), 3)
    for i, (column, step) in enumerate(zip(st.columns(len(shown)), shown, strict=True)):
        with column.container(border=True, height="stretch"):
            st.metric(f"{i + 1} · {step.title}", step.figure)
            st.caption(step.words)
            label = "Next" if i == upcoming else "Open"
            icon = ":material/arrow_forward:" if i == upcoming else None
            if st.button(label, key=f"step-{i}", type="primary" if i == upcoming else "tertiary", icon=icon):
                st.switch_page(f"pages/{step.page}.py")
