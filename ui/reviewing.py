"""
Figures about reviewers: their work, their agreement, and who said what of a tweet.
"""

from collections.abc import Sequence

import streamlit as st

from jobs.reviewers import Agreement, Differing, Outlook, Reviewer
from ui.f1table import percent

ACCEPTED = {"original": "took original %", "suggestion": "took Qwen %", "prediction": "took BERT %"}


def work_table(done: Sequence[Reviewer]) -> None:
    """Per reviewer the decisions, how long one takes, and how often it is exactly what a source says."""
    rows = [
        {
            "reviewer": one.name,
            "decisions": f"{one.decisions:,}",
            "seconds each": "–" if one.seconds is None else f"{one.seconds:.1f}",
            **{title: _share(one.accepted.get(source)) for source, title in ACCEPTED.items()},
        }
        for one in done
    ]
    st.dataframe(rows, hide_index=True)
    st.caption("Seconds: the median. Took: all eleven emotions as that source said, where it was on the screen.")


def show_outlook(ahead: Outlook, split: str) -> None:
    """Whether to go on, in a sentence."""
    if not ahead.tweets:
        st.text(f"Every {split} tweet is decided.")
    elif ahead.is_worth_it:
        st.text(f"Of the next {ahead.tweets} {split} tweets about {ahead.wrong:.0f} are likely to have a wrong label.")
    else:
        st.text(
            f"Of the next {ahead.tweets} {split} tweets only about {ahead.wrong:.0f} are likely to have a wrong label: "
            "going on would hardly move F1. Retrain on what is approved, and let the new model look again."
        )


def agreement_table(found: Agreement) -> None:
    """Kappa per emotion and alpha of whole label sets, with intervals."""
    if not found.tweets:
        st.info(
            "No tweet has been decided by two reviewers yet. Set a share below, and both will meet the same tweets."
        )
        return
    rows = [
        {"emotion": emotion, "Cohen's kappa (95 %)": f"{one.value:.2f} ({one.low:.2f} … {one.high:.2f})"}
        for emotion, one in found.kappas.items()
    ]
    if rows:
        st.table(rows, border="horizontal", hide_index=True)
    text = f"{found.tweets:,} tweets were decided by two or more."
    if found.alpha:
        one = found.alpha
        text += f" Whole label sets: Krippendorff's alpha {one.value:.2f} ({one.low:.2f} … {one.high:.2f}), with the "
        text += "MASI distance. 1 is full agreement, 0 what chance would bring."
    st.caption(text)


def said_by(one: Differing) -> None:
    """Each label that anybody gave, with who did; names are shown as they are, never as markup."""
    rows = [{"label": emotion, "named by": ", ".join(who)} for emotion, who in one.by_emotion.items()]
    silent = [name for name, labels in one.said.items() if not labels]
    if silent:
        rows.append({"label": "no emotion", "named by": ", ".join(silent)})
    st.dataframe(rows, hide_index=True, width="content")


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)
