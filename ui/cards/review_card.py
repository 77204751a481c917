"""
The review card: one tweet, its three sources side by side, and the reviewer's answer, as a component of the page.

The card keeps the next tweets itself, so that a key press never waits for the server; what it decides reaches Python as
a list of events that it repeats until they are acknowledged. Nothing is stored here.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

# In the order in which they build on one another; joined, they are the component's one script.
SCRIPTS = (
    "card_votes.js",
    "card_refused.js",
    "card_model.js",
    "card_count.js",
    "card_outbox.js",
    "card_keys.js",
    "card_reason.js",
    "card_view.js",
    "card_saving.js",
    "card_shell.js",
    "card_beside.js",
    "card_notes.js",
    "card_guide.js",
    "card.js",
)


def join_scripts(folder: Path = Path(__file__).parent, scripts: Sequence[str] = SCRIPTS) -> str:
    """A card's scripts as one module: their imports of one another are left out, one line each."""
    lines = [line for name in scripts for line in (folder / name).read_text("utf-8").splitlines()]
    return "\n".join(line for line in lines if not line.startswith("import "))


_CARD = st.components.v2.component(
    "emoclf_review_card",
    css=(Path(__file__).parent / "card.css").read_text("utf-8"),
    js=join_scripts(),
)


def review_card(
    data: dict[str, Any],
    key: str,
    on_outbox: Callable[[], None],
    on_skipped: Callable[[], None] = lambda: None,
    on_explain: Callable[[], None] = lambda: None,
) -> Any:
    """Mount the card; its state is `result.outbox` and `result.skipped`, also in `st.session_state[key]`.

    Parameters
    ----------
    data : all of it plain JSON
        `view` names queue, filter and reviewer: when it changes, the tweets, answers and skips held here are dropped.
        `store` names whose outbox the browser keeps; it is never sent to another store. `reviewer` signs new events;
        those that the browser still has from others are sent in their names.
        `title`; `decided` and `total` for the top line, or `total` alone where `again` is true. `emotions`: a list of
        `{"name", "key"}`, with `"meaning"` where a sentence explains the emotion.
        `tweets`: the next undecided ones in queue order, the skipped ones last, worked out anew at every rerun.
        A tweet is `{"id", "text", "split", "emotion", "doubt", "reason", "original": labels | None,
        "suggestion": {"id", "by", "labels", "probabilities"} | None,
        "prediction": {"run", "by", "labels", "probabilities"} | None}`. Of a tweet that is decided already, `in_force`
        is the decision that the answer starts from, as `jobs.review.reopened.opened_again` gives it; `second` says that
        somebody else has decided the tweet and this reviewer is to decide it without knowing how.
        `acknowledged`: ids of the events in the last outbox that are committed, earlier or now.
        `refused`: `{"event_id", "why"}` for those that never will be; `why` is a sentence for the reviewer. The browser
        keeps them until the reviewer has confirmed that they were read.
        `waiting`: why the others wait, in a few words; empty where none does. They are sent again.
        `away`: why no tweets can be read, if that is so; the rest of the data is then that of an earlier run.
        `quiet`: what `jobs.review.side_panel.beside` says of these tweets, or nothing.
        `guidelines`: `{"version", "of": by emotion {"definition", "examples", "counter_examples"}}`.
        `sample`: whether the list is drawn to be checked before a batch is accepted.
        `history`: this reviewer's last decisions that can be undone, newest first: `{"event_id", "labels", "card"}`.
    on_outbox, on_skipped, on_explain : called before the script runs, with the new value in `st.session_state[key]`;
        `explain` is `{"tweet", "at"}`, whose rationale is asked for

    An event of the outbox is `{"event_id", "kind": "decide" | "undo", "store", "reviewer", "tweet_id", "labels",
    "undoes", "seen", "shown", "seconds", "at", "attempt", "guidelines"}`, the last being the version of the guidelines
    on the screen. `seen` is the decision in force before a decision, and after an undo. `shown` is what else was there:
    `{"original", "suggestion", "prediction", "in_force", "emotion", "reason", "start"}` as they came, with `start` the
    labels that the answer started with; it is None for an undo, whose `undoes` names the event that it takes back. Of
    the kind "flag" it is `{"event_id", "kind", "store", "reviewer", "tweet_id", "comment", "at", "attempt"}`, with None
    for a comment where the flag is taken off. The outbox is always the whole list of what is not acknowledged, in
    order; `attempt` counts the sendings, since Streamlit calls `on_outbox` only for a value that differs from the last.
    """
    return _CARD(
        key=key,
        data=data,
        on_outbox_change=on_outbox,
        on_skipped_change=on_skipped,
        on_explain_change=on_explain,
        on_look_change=lambda: None,  # the card looks for a rationale that is being written
    )
