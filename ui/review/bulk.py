"""
Components of the Bulk accept page: list, form for the sample, result of the sample, and past batches.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from db import batches, bulk
from db.store import Store
from db.values import Batch
from emoclf.labels import EMOTIONS
from emoclf.metrics.acceptance_sampling import Sample
from emoclf.review.filters import Filter
from jobs.review.bulk import (
    LEAST,
    NAMES,
    BatchProgress,
    Offer,
    batch_progress,
    draw_sample,
    drop,
    name_for,
    next_sample,
)
from jobs.review.undo import CAN_BE_UNDONE
from jobs.settings.review import AcceptSettings, UndoSettings
from ui.job_bar import begin
from ui.links import here
from ui.plain_text import tell
from ui.saving import PERSISTENT, saved
from ui.tweet_list import tweet_list

DONE = "No tweet of this list is left to decide."
# The states of a batch after its sample was checked, in words.
STATES = {
    "accepting": "being accepted",
    "accepted": "accepted",
    "undoing": "being undone",
    "undone": "undone",
}
LEFT_OUT = {bulk.DECIDED: "decided meanwhile", bulk.HELD: "with other reviewers or in another sample"}
FEW = 0.1  # maximum share of wrong tweets in a sample at which accepting is the suggested next step
SHOWN = 20  # past batches shown before the rest is folded
REVIEW, BULK = "pages/review.py", "pages/bulk.py"


def refuse(why: str) -> None:
    """Show why a list cannot be accepted, and where to go."""
    tell(st.info, why[0].upper() + why[1:] + ".")
    st.page_link(REVIEW, label="Review", icon=":material/arrow_forward:")


def show_list(found: Offer, wanted: Filter) -> None:
    """Show which list it is, with a way to choose another."""
    asked = "" if wanted.is_plain else f": {wanted.in_words}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{_tweets(found.undecided)} to decide in train{asked}", width="content")
        st.page_link(REVIEW, label="Review them or change the list", query_params=wanted.to_query())
    if found.flagged and not wanted.flagged:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(
                f"{found.flagged:,} of them {'is' if found.flagged == 1 else 'are'} flagged; a batch accepts these too",
                width="content",
            )
            flagged = replace(wanted, flagged="yes").to_query()
            st.page_link(REVIEW, label="Decide the flagged tweets first", query_params=flagged)


def draw_form(store: Store, found: Offer, wanted: Filter, reviewer: str) -> None:
    """Ask for the source, the sample size and a name, then draw the sample and open the card."""
    if not found.sources:
        st.info("The list is too short to check a sample and accept the rest; review it." if found.undecided else DONE)
        return
    key = json.dumps(wanted.to_query())
    source = st.radio(
        "Whose labels to accept",
        found.sources,
        format_func=NAMES.__getitem__,
        captions=[_available(found, one) for one in found.sources],
        key=f"source-{key}",
        **PERSISTENT,
    )
    labelled = found.labelled[source]
    default = found.usual_size(labelled)
    size = st.number_input(
        "Tweets to check first", LEAST, labelled - 1, default, 10, width=240, key=f"size-{source}-{key}", **PERSISTENT
    )
    planned = next_sample(store, wanted, source, labelled, size)
    st.text(planned.in_words_if_none_wrong)
    _tell_earlier(planned)
    name = st.text_input(
        "Name of the batch", name_for(store, wanted, source), max_chars=80, key=f"name-{source}-{key}", **PERSISTENT
    )
    if st.button("Draw the sample and check it", type="primary", icon=":material/casino:"):
        drawn: list[int] = []
        with st.spinner("Drawing the sample"):
            saved(lambda: drawn.append(draw_sample(store, wanted, source, size, name, reviewer)))
        if drawn:
            st.switch_page(REVIEW, query_params=_sample_of(drawn[0]))


def show_open_batch(store: Store, known: BatchProgress, reviewer: str) -> None:
    """Show the next step of an unfinished batch."""
    batch = known.batch
    st.subheader("Accept" if known.is_checked else "Check the sample")
    st.text(batch.name)
    st.text(
        f"Labels to accept: those of {NAMES[batch.source]}, as they were when {batch.reviewer} drew the sample, "
        f"{_when(batch)}."
    )
    if batch.state == "accepting":
        st.text("Accepting this batch was stopped before the end.")
        _accept_button(store, batch, reviewer, "Resume accepting")
    elif known.is_checked:
        verdict(store, known, reviewer)
    else:
        st.progress(known.checked / batch.sample, f"{known.checked:,} of {batch.sample:,} checked")
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Check the next tweet", type="primary", icon=":material/arrow_forward:"):
                st.switch_page(REVIEW, query_params=_sample_of(batch.id))
            _drop_button(store, batch)


def verdict(store: Store, known: BatchProgress, reviewer: str) -> None:
    """Show the estimate for the rest, the errors in the checked sample, and the button that accepts the rest."""
    with store.reading() as session:
        found = known.estimate(session)
    st.text(found.in_words)
    _tell_earlier(found)
    if known.blind < known.batch.sample:
        st.text(f"{known.blind:,} of the {known.batch.sample:,} were decided blind, from the text alone.")
    with st.container(horizontal=True, vertical_alignment="center"):
        label = f"Accept the other {_tweets(found.rest)}"
        _accept_button(store, known.batch, reviewer, label, found.wrong <= FEW * found.checked)
        _drop_button(store, known.batch)
    if known.wrong:
        given, decided = f"labels of {NAMES[known.batch.source]}", "decided"
        st.caption(
            "These tweets of the sample were decided differently. The decisions are in force already, whether or not "
            "you accept the rest."
        )
        st.table(_by_emotion(known.by_emotion), border="horizontal", hide_index=True)
        rows = [
            {
                "key": one.key,
                "tweet": one.text,
                given: _labels(one.source_labels),
                decided: _labels(one.decided or frozenset()),
            }
            for one in known.wrong
        ]
        tweet_list(rows, f"wrong-{known.batch.id}", sentences=[given, decided])


def _tell_earlier(found: Sample) -> None:
    if found.multiple_samples_note:
        st.text(found.multiple_samples_note)


def past_batches(store: Store, reviewer: str, is_busy: bool, shown: BatchProgress | None) -> None:
    """Every batch except the one already shown, newest first, with buttons to undo."""
    with store.reading() as session:
        others = [one for one in batches.everything(session) if shown is None or one.id != shown.batch.id]
        found = [(one, batches.outcomes(session, one.id)) for one in others]
    if not found:
        return
    st.subheader("Batches")
    for batch, outcomes in found[:SHOWN]:
        _past(store, reviewer, batch, outcomes, is_busy)
    if found[SHOWN:]:
        with st.expander("Older batches"):
            for batch, outcomes in found[SHOWN:]:
                _past(store, reviewer, batch, outcomes, is_busy)


def tell_sample(store: Store, wanted: Filter) -> None:
    """On the Review page: which batch this sample belongs to, and the way back."""
    known = batch_progress(store, int(wanted.sample))
    query = dict(known.batch.query)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"Sample of {known.batch.name}", width="content")
        if not known.is_checked:
            st.page_link(BULK, label="Back to the batch", icon=":material/arrow_back:", query_params=query)
        elif st.button("See the result", type="primary", icon=":material/arrow_forward:"):
            st.switch_page(BULK, query_params=query)


def _past(store: Store, reviewer: str, batch: Batch, outcomes: Mapping[str, int], is_busy: bool) -> None:
    with st.container(border=True):
        st.text(batch.name)
        st.text(_outcome(batch, outcomes))
        with st.container(horizontal=True, vertical_alignment="center"):
            if outcomes[bulk.ACCEPTED]:
                listed = {"split": "train", "batch": str(batch.id)}
                st.page_link(REVIEW, label="Show the accepted tweets", query_params=listed)
            if batch.state in batches.OPEN:
                here(dict(batch.query), "Open", key=f"open-{batch.id}")
            if batch.state in CAN_BE_UNDONE:
                _undo_button(store, batch, reviewer, is_busy)


def _outcome(batch: Batch, outcomes: Mapping[str, int]) -> str:
    """The outcome of a batch, in a sentence."""
    drawn = f"sample of {batch.sample:,} drawn by {batch.reviewer}, {_when(batch)}"
    if batch.state in ("checking", "dropped"):
        return f"{'dropped' if batch.state == 'dropped' else 'to be checked'}; {drawn}"
    wrong, at_most = batch.wrong or 0, batch.at_most or 0
    left = "".join(f", {outcomes[one]:,} {words}" for one, words in LEFT_OUT.items() if outcomes[one])
    of_how_many = f"of the {batch.tweets - batch.sample:,} that nobody checked"
    estimate = f"{wrong:,} of {batch.sample:,} wrong in the sample, at most {at_most:,} {of_how_many}"
    if batch.state in ("undoing", "undone"):
        n = outcomes[bulk.KEPT]
        kept = f", {n:,} {'keeps' if n == 1 else 'keep'} a later decision" if n else ""
        return f"{STATES[batch.state]} by {batch.undone_by}: {_tweets(outcomes[bulk.UNDONE])} undone{kept}; {estimate}"
    return f"{STATES[batch.state]} by {batch.accepted_by}: {_tweets(outcomes[bulk.ACCEPTED])}{left}; {estimate}"


def _accept_button(store: Store, batch: Batch, reviewer: str, label: str, is_next: bool = True) -> None:
    if st.button(
        label, type="primary" if is_next else "secondary", icon=":material/done_all:", key=f"accept-{batch.id}"
    ):
        begin(store, "accept", lambda: AcceptSettings(batch.id, reviewer))


def _drop_button(store: Store, batch: Batch) -> None:
    words = "End this batch and accept no more tweets. The decisions on its sample stay."
    key = f"drop-{batch.id}"
    st.button(
        "Drop this batch", type="tertiary", help=words, key=key, on_click=lambda: saved(lambda: drop(store, batch.id))
    )


def _undo_button(store: Store, batch: Batch, reviewer: str, is_busy: bool) -> None:
    words = "Undo every label that this batch accepted. Later decisions stay."
    label = "Resume undoing" if batch.state == "undoing" else "Undo"
    if st.button(label, disabled=is_busy, help=words, key=f"undo-{batch.id}"):
        begin(store, "undo", lambda: UndoSettings(batch.id, reviewer))


def _available(found: Offer, source: str) -> str:
    missing = found.undecided - found.labelled[source]
    left = f"; {missing:,} without {'labels of all three' if source == 'majority' else 'its labels'} are left out"
    return f"{_tweets(found.labelled[source])}{left if missing else ''}"


def _by_emotion(found: Mapping[str, tuple[int, int]]) -> list[dict[str, object]]:
    return [
        {"emotion": emotion, "only in the source": surplus, "only in the decision": missing}
        for emotion, (surplus, missing) in found.items()
    ]


def _when(batch: Batch) -> str:
    return f"{batch.created_at:%Y-%m-%d %H:%M} UTC"


def _labels(labels: frozenset[str]) -> str:
    return ", ".join(EMOTIONS.ordered(labels)) or "no emotion"


def _sample_of(number: int) -> dict[str, str]:
    return Filter(sample=str(number)).to_query()


def _tweets(n: int) -> str:
    return "1 tweet" if n == 1 else f"{n:,} tweets"
