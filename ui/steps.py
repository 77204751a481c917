"""
The five steps of the workflow with progress and links; the next step is highlighted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from db import summaries
from db.runs import list_runs
from db.store import Store
from db.values import Counts, Run
from emoclf.metrics.run_warnings import macro_in_words, recorded_macro
from jobs.training import run_warnings
from ui import unlabelled

REVIEW = 3  # the index of the step "You decide"


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
    without = sum(c.unlabelled for c in counts)
    splits = " + ".join(f"{c.tweets:,} {c.split}" for c in counts)
    splits += f"; {without:,} without labels" if without else ""
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


def upcoming(shown: Sequence[Step]) -> int:
    """The index of the first step that is not done; that of the review if all are."""
    return next((i for i, step in enumerate(shown) if not step.is_done), REVIEW)


def show_steps(counts: Sequence[Counts], runs: Sequence[Run]) -> None:
    """Draw the steps; the one that comes next is highlighted, unless the way of tweets without labels has it."""
    shown = steps(counts, runs)
    next_one = None if unlabelled.leads(counts) else upcoming(shown)
    for i, (column, step) in enumerate(zip(st.columns(len(shown)), shown, strict=True)):
        with column.container(border=True, height="stretch"):
            st.metric(f"{i + 1} · {step.title}", step.figure)
            st.caption(step.words)
            label = "Next" if i == next_one else "Open"
            icon = ":material/arrow_forward:" if i == next_one else None
            if st.button(label, key=f"step-{i}", type="primary" if i == next_one else "tertiary", icon=icon):
                st.switch_page(f"pages/{step.page}.py")


def link_to_next(store: Store) -> None:
    """A link to the step that the Overview names as the next."""
    with store.reading() as session:
        counts = [summaries.counts(session, split) for split in summaries.sizes(session)]
        runs = list_runs(session, limit=1)
    way, shown = unlabelled.way(counts, runs), steps(counts, runs)
    if way is not None and unlabelled.leads(counts):
        one = way.steps[way.upcoming]
        page, title, query = one.page, one.title, one.query
    else:
        step = shown[upcoming(shown)]
        page, title, query = step.page, step.title, {}
    icon = ":material/arrow_forward:"
    st.page_link(f"pages/{page}.py", label=f"Next: {title}", icon=icon, query_params=query)
