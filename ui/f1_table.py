"""
The per-emotion table of a run: support, accuracy, F1 before and after, baseline, and the verdict on the change.

The baseline is the F1 of predicting the emotion for every tweet.
"""

import streamlit as st

from emoclf.metrics.run_warnings import FEW_POSITIVES, baseline_f1
from emoclf.metrics.scores import Change
from jobs.training.comparison import TWO_MODELS, Comparison, scores_in_words

TARGETS = {
    "original": "the original labels",
    "approved": "approved labels, {n:,} of them decided by a person, {blind:,} blind (before seeing any source)",
}
VERDICT = "verdict on these two models"
NO_F1 = "–"  # for emotions without a positive tweet
MARKS = {"better": "▲ better", "worse": "▼ worse", "no evidence of change": "no evidence of change"}


def rows(compared: Comparison) -> list[dict[str, str]]:
    """One row per emotion, the last for the macro average; figures in percent."""
    shown = []
    for emotion, one in compared.scores.per_emotion.items():
        few = " (few)" if 0 < one.support < FEW_POSITIVES else ""
        row = {"emotion": emotion, "support": f"{one.support:,}{few}", "accuracy": percent(one.accuracy)}
        row["baseline F1"] = percent(baseline_f1(one.support, compared.scores.n)) if one.support else NO_F1
        shown.append({**row, **_f1(compared, emotion, one.f1, (one.f1_low, one.f1_high), one.support)})
    scores = compared.scores
    macro = {"emotion": "macro", "support": "", "accuracy": percent(scores.accuracy)}
    of_each = [baseline_f1(scores.per_emotion[name].support, scores.n) for name in scores.macro_over]
    macro["baseline F1"] = percent(sum(of_each) / len(of_each)) if of_each else NO_F1
    ends = (scores.macro_f1_low, scores.macro_f1_high)
    return [*shown, {**macro, **_f1(compared, "macro", scores.macro_f1, ends, len(of_each))}]


def f1_table(compared: Comparison) -> None:
    """Draw the table, and its basis below."""
    st.table(rows(compared), border="horizontal", hide_index=True)
    scores = compared.scores
    against = f"run {compared.before.id} on the same tweets" if compared.before else "no earlier run"
    target = TARGETS[compared.target].format(n=compared.reviewed, blind=compared.blind)
    st.caption(
        f"{scores.n:,} dev tweets, scored on {target}. Micro-F1 {percent(scores.micro_f1)}, Jaccard "
        f"{percent(scores.jaccard)}. Compared with {against}. The 95 % intervals are over tweets, with twins "
        "counted once. The verdicts are corrected for testing eleven emotions (Holm), so a verdict may find no "
        "evidence although its interval just excludes zero. The baseline predicts the emotion for every tweet. "
        f"{TWO_MODELS}"
    )
    for words in scores_in_words(scores):
        st.caption(words)


def _f1(compared: Comparison, name: str, f1: float, interval: tuple[float, float], positives: int) -> dict[str, str]:
    """The cells of an F1; `positives` is 0 if it is undefined."""
    if not compared.changes:
        shown = f"{percent(f1)} ({percent(interval[0])} … {percent(interval[1])})"
        return {"F1": shown if positives else NO_F1}
    if not positives:
        return {"F1 before": NO_F1, "after": NO_F1, "change (95 %)": NO_F1, VERDICT: "no positive tweet"}
    change = compared.changes[name]
    return {
        "F1 before": percent(change.before),
        "after": percent(change.after),
        "change (95 %)": difference(change),
        VERDICT: MARKS[change.verdict],
    }


def difference(change: Change) -> str:
    """A change with its interval, in percentage points: +3.0 (+1.1 … +5.0)."""
    return f"{signed(change.difference)} ({signed(change.low)} … {signed(change.high)})"


def percent(share: float) -> str:
    """A share in percent with one decimal."""
    return f"{100 * share:.1f}"


def signed(share: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    return f"{100 * share:+.1f}".replace("-", "−")
