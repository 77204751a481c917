"""
Figures about reviewers: their work, their agreement, and who said what of a tweet.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from emoclf.doubt import FEWEST
from emoclf.errorrates import ErrorRate
from emoclf.labels import EMOTIONS
from emoclf.outlook import ENOUGH, Outlook
from jobs.reviewers import Agreement, Differing, Repairs, Reviewer, Side
from ui.f1table import percent

MARGIN = 0.02  # that an estimate is wanted to be within
BULK = "It ends at the first tweet in the random order that was accepted in bulk: nobody has looked at that one."
ACCEPTED = {"original": "took original %", "suggestion": "took Qwen %", "prediction": "took BERT %"}


def work_table(done: Sequence[Reviewer]) -> None:
    """Per reviewer the decisions, how long one takes, and how often it is exactly what a source says."""
    rows = [
        {
            "reviewer": one.name,
            "decisions": f"{one.decisions:,}",
            "seconds each": _seconds(one.seconds),
            **{title: _share(one.accepted.get(source)) for source, title in ACCEPTED.items()},
        }
        for one in done
    ]
    st.dataframe(rows, hide_index=True)
    st.caption("Seconds: the median. Took: all eleven emotions as that source said, where it was on the screen.")


def repairs_table(found: Mapping[str, Repairs], split: str) -> None:
    """Per emotion what was changed, and how many originals are wrong in all, with its interval."""
    drawn = next(iter(found.values())).estimate.n
    rows = [
        {"emotion": emotion, "changed": f"{one.changed:,} of {one.reviewed:,}", **_estimate(one.estimate)}
        for emotion, one in found.items()
    ]
    st.dataframe(rows, hide_index=True, height="content")
    if drawn:
        most = max(one.estimate.more_for(MARGIN) for one in found.values())
        more = f"About {most:,} more drawn tweets would bring every estimate to ± 2 points."
        st.caption(
            f"The estimate for all {split} tweets rests on the {_that_were(drawn)} drawn at random, not on those that "
            f"were chosen for their doubt. {BULK if next(iter(found.values())).ends else more}"
        )
    else:
        st.caption(
            "What a queue sorted by doubt changes says nothing of the rest. Let a share of every queue be drawn at "
            "random (below), and the share of wrong originals is estimated here."
        )


def _that_were(n: int) -> str:
    """
    >>> _that_were(1), _that_were(1200)
    ('one that was', '1,200 that were')
    """
    return "one that was" if n == 1 else f"{n:,} that were"


def _estimate(rate: ErrorRate) -> dict[str, str]:
    if rate.rate is None:
        return {"wrong in all (95 %)": "–"}
    low, high = rate.interval
    return {"wrong in all (95 %)": f"{percent(rate.rate)} % ({percent(low)} … {percent(high)})"}


def sides_table(blind: Side, assisted: Side) -> None:
    """Blind decisions beside assisted ones: how many, how fast, how often the original stays, and what is named."""
    rows = [
        {"": "tweets", "blind": f"{blind.decisions:,}", "assisted": f"{assisted.decisions:,}"},
        {"": "seconds each", "blind": _seconds(blind.seconds), "assisted": _seconds(assisted.seconds)},
        {"": "original kept %", "blind": percent(blind.kept), "assisted": percent(assisted.kept)},
        *(
            {"": f"{emotion} %", "blind": percent(blind.rates[emotion]), "assisted": percent(assisted.rates[emotion])}
            for emotion in EMOTIONS.names
        ),
    ]
    st.dataframe(rows, hide_index=True, height="content")
    st.caption("Blind tweets are drawn by chance, so that a difference beyond chance is what the sources whisper.")


def warn_of_following(done: Sequence[Reviewer]) -> None:
    """Name those who may be taking what the model says unread."""
    for one in done:
        if one.follows:
            st.warning("This reviewer takes more than 95 % of Qwen's suggestions, in under two seconds each:")
            st.text(one.name)


def show_outlook(ahead: Outlook, split: str) -> None:
    """What the next tweets are likely to bring, what the last ones brought, and whether to go on."""
    if not ahead.tweets:
        st.text(f"Every {split} tweet is decided.")
        return
    sentences = [_expected(ahead, split), _seen(ahead)]
    if not ahead.is_worth_it:
        sentences.append(
            "Going on would hardly move F1. Retrain on what is approved, and let the new model look again."
        )
    st.text(" ".join(sentence for sentence in sentences if sentence))
    st.caption(_basis(ahead, split))


def _expected(ahead: Outlook, split: str) -> str:
    one = ahead.expected
    if one is None:
        return f"How many of the next {ahead.tweets} {split} tweets have a wrong label cannot be told yet."
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
    """What the expectation rests on, or why there is none."""
    if ahead.expected is None:
        return (
            f"The doubt of {split} tweets is only a rank, not a probability: fewer than {FEWEST} train tweets have "
            "suggestions, or predictions of models that did not train on them. It becomes a probability with more of "
            f"them, or with {ENOUGH} decisions made after the last suggestions and predictions."
        )
    if ahead.checked:
        return (
            f"Doubt is calibrated by the {ahead.checked:,} decisions made since the last suggestions and predictions."
        )
    return (
        "Doubt is estimated from the labels and what the models say of them. It is not calibrated by decisions yet: "
        f"that takes {ENOUGH}, made after the last suggestions and predictions."
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
    text = "1 tweet was" if found.tweets == 1 else f"{found.tweets:,} tweets were"
    text += " decided by two or more."
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


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
