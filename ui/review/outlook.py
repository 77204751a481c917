"""
Shows how many of the next tweets are expected to have a wrong label, and whether to continue reviewing.
"""

import streamlit as st

from emoclf.review.doubt import MIN_TRAINING
from emoclf.review.queue_outlook import MIN_DECISIONS, Outlook


def show_outlook(ahead: Outlook, split: str) -> None:
    """Show what the next tweets are expected to change, what the last ones changed, and whether to continue."""
    if not ahead.tweets:
        st.text(f"Every {split} tweet is decided.")
        return
    sentences = [_expected(ahead, split), _seen(ahead)]
    if not ahead.is_worthwhile:
        sentences.append(
            "Reviewing more would hardly change F1. Retrain on the approved labels, so that the new model can "
            "rank the tweets again."
        )
    st.text(" ".join(sentence for sentence in sentences if sentence))
    st.caption(_basis(ahead, split))


def _expected(ahead: Outlook, split: str) -> str:
    one = ahead.expected
    if one is None:
        return f"It is not known yet how many of the next {ahead.tweets} {split} tweets have a wrong label."
    return (
        f"Of the next {ahead.tweets} {split} tweets about {one.wrong:.0f} are likely to have a wrong label "
        f"(95 %: {one.low} to {one.high})."
    )


def _seen(ahead: Outlook) -> str:
    if not ahead.reviewed:
        return ""
    of = "the one tweet" if ahead.reviewed == 1 else f"the last {ahead.reviewed}"
    return f"Of {of} reviewed, {ahead.changed} changed."


def _basis(ahead: Outlook, split: str) -> str:
    """The basis of the estimate, or why there is none."""
    if ahead.expected is None:
        return (
            f"The doubt of {split} tweets is only a rank, not a probability: fewer than {MIN_TRAINING} train tweets "
            "have suggestions, or predictions of models that did not train on them. It becomes a probability with more "
            f"of them, or with {MIN_DECISIONS} decisions made after the last suggestions and predictions."
        )
    if ahead.checked:
        return (
            f"Doubt is calibrated on the {ahead.checked:,} decisions made since the last suggestions and predictions."
        )
    return (
        "Doubt is estimated from the labels and the models' probabilities. It is not calibrated on decisions "
        f"yet: that needs {MIN_DECISIONS}, made after the last suggestions and predictions."
    )
