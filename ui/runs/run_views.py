"""
Views of one run on unseen tweets: threshold trade-off, calibration, and confusions.
"""

import streamlit as st

from emoclf.labels import EMOTIONS
from emoclf.metrics import confusions as tables
from emoclf.metrics.reliability import reliability
from emoclf.metrics.run_warnings import few_in_words
from emoclf.metrics.tradeoff import THRESHOLDS, Tradeoff, tradeoff
from jobs.training import inspection
from jobs.training.inspection import CalibrationFigures
from ui import charts
from ui.paper.save import save_chart, save_table
from ui.runs.inspected_run import InspectedRun, ask_split
from ui.saving import PERSISTENT

ALL = "all emotions"
INK = {"light": "#1c2433", "dark": "#f2f4f8"}  # text colour of figures in coloured cells
FOUND, MISTAKES = "all predictions", "mistakes only"
HOW_TO_READ = {
    FOUND: "Row joy, column love: tweets labelled joy for which love was predicted. The diagonal counts the emotions "
    "that were found. Emotions that often occur together have high counts without being mistakes.",
    MISTAKES: "Row joy, column love: tweets where joy was missed and love was wrongly predicted. The diagonal counts "
    "tweets where the emotion was missed and no other was wrongly predicted.",
}


def thresholds(inspected: InspectedRun) -> None:
    """Precision, recall and F1 of one emotion at an adjustable threshold."""
    left, right = st.columns(2)
    with left:
        unseen = ask_split(inspected, "thresholds")
    if unseen is None:
        return
    emotion = right.selectbox("Emotion", EMOTIONS.names, key="threshold-emotion", **PERSISTENT)
    j = EMOTIONS.names.index(emotion)
    own = float(inspected.run.thresholds[j])
    curve, place = tradeoff(unseen.targets[:, j], unseen.probabilities[:, j]), st.container()
    key = f"threshold-{inspected.run.id}-{emotion}"
    chosen = st.slider("Threshold", 0.01, 0.99, round(own, 2), 0.01, key=key, **PERSISTENT)
    support = int(unseen.targets[:, j].sum())
    with place:
        _at_threshold(curve, curve.at(chosen), len(unseen))
        if words := few_in_words({emotion: support}):
            st.caption(words)
        figure = charts.tradeoff(curve, chosen, own)
        st.plotly_chart(figure, width="stretch", config=charts.QUIET)
        save_chart(f"thresholds-{emotion}-run-{inspected.run.id}", figure)
    st.caption(
        f"Run {inspected.run.id} uses {own:.2f} for {emotion}, chosen on train tweets with models that were not "
        "trained on them, never on dev. Moving the threshold here shows the effect of another one and does not "
        f"change the run. {support:,} of these {len(unseen):,} tweets carry {emotion}. The lines end where no tweet "
        "reaches the threshold."
    )


def _at_threshold(curve: Tradeoff, i: int, n: int) -> None:
    shares = {"precision": curve.precision[i], "recall": curve.recall[i], "F1": curve.f1[i]}
    nothing = "No tweet reaches this threshold, so there is no precision."
    with st.container(horizontal=True):
        for name, share in shares.items():
            is_defined = bool(share == share)  # otherwise it is NaN
            st.metric(name, f"{100 * share:.1f}" if is_defined else "–", help=None if is_defined else nothing)
        st.metric("tweets labelled", f"{curve.labelled[i]:,}", help=f"of {n:,} tweets, at {THRESHOLDS[i]:.2f}")


def calibration(inspected: InspectedRun) -> None:
    """The reliability of the probabilities of one emotion or all."""
    left, right = st.columns(2)
    with left:
        unseen = ask_split(inspected, "calibration")
    if unseen is None:
        return
    emotion = right.selectbox("Emotion", [ALL, *EMOTIONS.names], key="calibration-emotion", **PERSISTENT)
    cells = list(range(len(EMOTIONS))) if emotion == ALL else [EMOTIONS.names.index(emotion)]
    bins = reliability(unseen.targets[:, cells], unseen.probabilities[:, cells])
    figure, name = charts.reliability(bins), f"calibration-{emotion.replace(' ', '-')}-run-{inspected.run.id}"
    st.plotly_chart(figure, width="stretch", config=charts.QUIET)
    save_chart(name, figure)
    before, after = inspection.calibration_figures(inspected.run.calibration, unseen, cells)
    whose = "mean of the emotions" if emotion == ALL else emotion
    table = [_calibration_row(form, one) for form, one in (("as predicted", before), ("calibrated", after)) if one]
    st.table(table, border="horizontal", hide_index=True)
    save_table(f"{name}-table", table, f"Calibration of run {inspected.run.id}, {whose}, on {len(unseen):,} tweets.")
    st.caption(
        f"Expected calibration error and Brier score ({whose}), on {len(unseen):,} tweets; lower is better. The "
        "floor is the error that a perfectly calibrated model would show on as many tweets, by chance alone: an "
        "error near its floor is no sign of bad calibration. For dots below the dotted line the probabilities "
        "are too high, for dots above it too low. A cell is one emotion of one tweet; dots of few cells are "
        "uncertain."
    )


def _calibration_row(name: str, one: CalibrationFigures) -> dict[str, str]:
    return {
        "probabilities": name,
        "calibration error, points": f"{100 * one.error:.1f}",
        "floor, points": f"{100 * one.floor:.1f}",
        "Brier score": f"{one.brier:.3f}",
    }


def confusions(inspected: InspectedRun) -> None:
    """True against predicted emotions, with counts in cells."""
    left, right = st.columns(2)
    with left:
        unseen = ask_split(inspected, "confusions")
    if unseen is None:
        return
    form = right.segmented_control(
        "Show", [FOUND, MISTAKES], default=FOUND, required=True, key="confusions-form", **PERSISTENT
    )
    counts = (tables.label_prediction_counts if form == FOUND else tables.substitution_counts)(
        unseen.targets, unseen.predicted
    )
    ink = INK.get(st.context.theme.type or "light", INK["light"])
    figure = charts.heat_map(counts, unseen.targets.sum(axis=0), ink)
    st.plotly_chart(figure, width="stretch", config=charts.QUIET)
    save_chart(f"confusions-run-{inspected.run.id}", figure)
    st.caption(f"{len(unseen):,} tweets. Rows are the labels, columns the predictions. {HOW_TO_READ[form]}")
