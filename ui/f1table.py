"""
The per-emotion table under a finished training: support, accuracy, F1 before and after, and whether it changed.
"""

import streamlit as st

from emoclf.metrics import Change
from jobs.comparing import Comparison

TARGETS = {
    "original": "the labels the data came with",
    "approved": "approved labels, {n:,} of them decided by a person, {blind:,} blind (before seeing any source)",
}
MARKS = {"better": "▲ better", "worse": "▼ worse", "no evidence of change": "no evidence of change"}


def rows(compared: Comparison) -> list[dict[str, str]]:
    """The table's rows: one per emotion, the last for the macro average; figures in percent, signs and words."""
    shown = []
    for emotion, one in compared.scores.per_emotion.items():
        row = {"emotion": emotion, "support": f"{one.support:,}", "accuracy": percent(one.accuracy)}
        shown.append({**row, **_f1(compared, emotion, one.f1, (one.f1_low, one.f1_high))})
    macro = {"emotion": "macro", "support": "", "accuracy": percent(compared.scores.accuracy)}
    return [*shown, {**macro, **_f1(compared, "macro", compared.scores.macro_f1, None)}]


def f1_table(compared: Comparison) -> None:
    """Draw the table, and under it on what it rests."""
    st.table(rows(compared), border="horizontal", hide_index=True)
    scores = compared.scores
    against = f"run {compared.before.id} on the same tweets" if compared.before else "no earlier run"
    target = TARGETS[compared.target].format(n=compared.reviewed, blind=compared.blind)
    st.caption(
        f"{scores.n:,} dev tweets, scored on {target}. Micro-F1 "
        f"{percent(scores.micro_f1)}, Jaccard {percent(scores.jaccard)}. Compared with {against}. Intervals are "
        "95 %; the verdicts allow for there being eleven emotions (Holm), so that one may find no evidence beside an "
        "interval that just misses zero. Another seed alone moves every F1 a little."
    )


def _f1(compared: Comparison, name: str, f1: float, interval: tuple[float, float] | None) -> dict[str, str]:
    if not compared.changes:
        spread = f" ({percent(interval[0])} … {percent(interval[1])})" if interval else ""
        return {"F1": percent(f1) + spread}
    change = compared.changes[name]
    return {
        "F1 before": percent(change.before),
        "after": percent(change.after),
        "change (95 %)": difference(change),
        "verdict": MARKS[change.verdict],
    }


def difference(change: Change) -> str:
    """A change with its interval, in points: +3.0 (+1.1 … +5.0)."""
    return f"{signed(change.difference)} ({signed(change.low)} … {signed(change.high)})"


def percent(share: float) -> str:
    """A share in percent, with one decimal."""
    return f"{100 * share:.1f}"


def signed(share: float) -> str:
    """A difference of shares in points, with its sign."""
    return f"{100 * share:+.1f}".replace("-", "−")
