"""
The per-emotion table under a finished training: support, accuracy, F1 before and after, and whether it changed.
"""

import streamlit as st

from emoclf.metrics import Change
from jobs.comparing import Comparison

TARGETS = {
    "original": "the labels the data came with",
    "approved": "approved labels, {n:,} of them decided by a person who may have seen what BERT says",
}
MARKS = {"better": "▲ better", "worse": "▼ worse", "no evidence of change": "no evidence of change"}


def rows(compared: Comparison) -> list[dict[str, str]]:
    """The table's rows: one per emotion, the last for the macro average; figures in percent, signs and words."""
    shown = []
    for emotion, one in compared.scores.per_emotion.items():
        row = {"emotion": emotion, "support": f"{one.support:,}", "accuracy": _percent(one.accuracy)}
        shown.append({**row, **_f1(compared, emotion, one.f1, (one.f1_low, one.f1_high))})
    macro = {"emotion": "macro", "support": "", "accuracy": _percent(compared.scores.accuracy)}
    return [*shown, {**macro, **_f1(compared, "macro", compared.scores.macro_f1, None)}]


def f1_table(compared: Comparison) -> None:
    """Draw the table, and under it on what it rests."""
    st.table(rows(compared), border="horizontal", hide_index=True)
    scores = compared.scores
    against = f"run {compared.before.id} on the same tweets" if compared.before else "no earlier run"
    st.caption(
        f"{scores.n:,} dev tweets, scored on {TARGETS[compared.target].format(n=compared.reviewed)}. Micro-F1 "
        f"{_percent(scores.micro_f1)}, Jaccard {_percent(scores.jaccard)}. Compared with {against}. Intervals are "
        "95 %; the verdicts allow for there being eleven emotions (Holm), so that one may find no evidence beside an "
        "interval that just misses zero. Another seed alone moves every F1 a little."
    )


def _f1(compared: Comparison, name: str, f1: float, interval: tuple[float, float] | None) -> dict[str, str]:
    if not compared.changes:
        spread = f" ({_percent(interval[0])} … {_percent(interval[1])})" if interval else ""
        return {"F1": _percent(f1) + spread}
    change = compared.changes[name]
    return {
        "F1 before": _percent(change.before),
        "after": _percent(change.after),
        "change (95 %)": _difference(change),
        "verdict": MARKS[change.verdict],
    }


def _difference(change: Change) -> str:
    return f"{_signed(change.difference)} ({_signed(change.low)} … {_signed(change.high)})"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")
