"""
The per-emotion table of a run: support, accuracy, F1 before and after, baseline, and the verdict on the change.

The baseline is the F1 of predicting the emotion for every tweet.
"""

from dataclasses import asdict

import streamlit as st

from emoclf.labels import EMOTIONS
from emoclf.metrics.run_warnings import FEW_POSITIVES, baseline_f1
from emoclf.metrics.scores import Change
from jobs.training.comparison import TWO_MODELS, Comparison, scores_in_words
from ui.paper.save import save_table

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


def paper_rows(compared: Comparison) -> list[dict[str, str]]:
    """The rows of the table for a paper: with the threshold, precision and recall of the later run."""
    found = []
    for row in rows(compared):
        one = compared.scores.per_emotion.get(row["emotion"])
        values = (_threshold(compared, row["emotion"]), one.precision, one.recall) if one else (None, None, None)
        threshold, precision, recall = values
        further = {"threshold": "" if threshold is None else f"{threshold:.2f}"}
        further |= {"precision": "" if precision is None else percent(precision)}
        further |= {"recall": "" if recall is None else percent(recall)}
        before = {name: cell for name, cell in row.items() if name in ("emotion", "support", "accuracy")}
        found.append(before | further | row)
    return found


def figures(compared: Comparison) -> list[dict[str, float | str | None]]:
    """The table as plain numbers, shares between 0 and 1; None where there is no F1."""
    found: list[dict[str, float | str | None]] = []
    for emotion, one in compared.scores.per_emotion.items():
        row: dict[str, float | str | None] = {"emotion": emotion, "threshold": _threshold(compared, emotion)}
        row |= asdict(one)
        row["baseline_f1"] = baseline_f1(one.support, compared.scores.n) if one.support else None
        if not one.support:
            row |= dict.fromkeys(("f1", "f1_low", "f1_high"))
        found.append(row | _change_figures(compared.changes.get(emotion)))
    scores = compared.scores
    macro: dict[str, float | str | None] = {"emotion": "macro", "accuracy": scores.accuracy, "f1": scores.macro_f1}
    macro |= {"f1_low": scores.macro_f1_low, "f1_high": scores.macro_f1_high}
    return [*found, macro | _change_figures(compared.changes.get("macro"))]


def _change_figures(change: Change | None) -> dict[str, float | str | None]:
    if change is None:
        return {}
    interval = {"change": change.difference, "change_low": change.low, "change_high": change.high, "p": change.p}
    return {"f1_before": change.before, **interval, "verdict": change.verdict}


def _threshold(compared: Comparison, emotion: str) -> float | None:
    thresholds = dict(zip(EMOTIONS.names, compared.after.thresholds, strict=False))
    return thresholds.get(emotion)


def f1_table(compared: Comparison) -> None:
    """Draw the table, and its basis below."""
    st.table(rows(compared), border="horizontal", hide_index=True)
    against = f" and of run {compared.before.id}" if compared.before else ""
    caption = f"F1 of run {compared.after.id}{against} in percent, on {compared.scores.n:,} dev tweets."
    save_table(f"f1-run-{compared.after.id}", paper_rows(compared), caption, figures(compared))
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
