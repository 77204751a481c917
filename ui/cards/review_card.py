"""
The review card as a Streamlit component, and the description of its messages.

The card holds the next tweets itself, so that a key press never waits for the server. Its events reach Python as a list
that is sent repeatedly until acknowledged. Nothing is stored here.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

# What both cards are made of, in the order in which the scripts build on one another.
SHARED = (
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
)
SCRIPTS = (*SHARED, "card_beside.js", "card_notes.js", "card_guide.js", "card.js")  # joined into one script


def join_scripts(folder: Path = Path(__file__).parent, scripts: Sequence[str] = SCRIPTS) -> str:
    """A card's scripts as one module; their one-line imports of each other are removed."""
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
    data : plain JSON with these fields
        `view` identifies reviewer, order, filter and link: when it changes, the tweets, answers and skips held here are
        dropped. `store` names the store of the outbox; events are never sent to another store. `reviewer` signs new
        events; events of other reviewers still in the browser are sent under their names.
        `title`; `decided` and `total` for the top line, or only `total` if `again` is true. `emotions`: a list of
        `{"name", "key"}`, with `"meaning"` if a sentence explains the emotion.
        `tweets`: the next undecided ones in queue order, skipped ones last, computed again at every rerun.
        A tweet is `{"id", "text", "split", "emotion", "doubt", "reason", "original": labels | None,
        "suggestion": {"id", "by", "labels", "probabilities"} | None,
        "prediction": {"run", "by", "labels", "probabilities"} | None}`. For a decided tweet, `in_force` is the decision
        that the answer starts from, see `jobs.review.reopened.opened_again`; `second` is true if another reviewer has
        decided the tweet and this reviewer decides it without seeing that decision.
        `acknowledged`: ids of the events in the last outbox that are committed.
        `refused`: `{"event_id", "why"}` for events that can never be stored; `why` is a sentence for the reviewer. The
        browser keeps them until the reviewer has confirmed them.
        `waiting`: why the other events wait, in a few words; empty if none do. They are sent again.
        `away`: why no tweets can be read, if so; the rest of the data is then from an earlier run.
        `quiet`: the side panel data of these tweets from `jobs.review.side_panel.beside`, or nothing.
        `guidelines`: `{"version", "of": by emotion {"definition", "examples", "counter_examples"}}`.
        `sample`: whether the list is a sample to check before a batch is accepted.
        `history`: this reviewer's last decisions that can be undone, newest first: `{"event_id", "labels", "card"}`.
    on_outbox, on_skipped, on_explain : called before the script runs, with the new value in `st.session_state[key]`;
        `explain` is `{"tweet", "at"}`, a request for that tweet's rationale

    An event of the outbox is `{"event_id", "kind": "decide" | "undo", "store", "reviewer", "tweet_id", "labels",
    "undoes", "seen", "shown", "seconds", "at", "attempt", "guidelines"}`, where `guidelines` is the version on the
    screen. `seen` is the decision in force before a decision, or after an undo. `shown` is what else was on the screen:
    `{"original", "suggestion", "prediction", "in_force", "emotion", "reason", "start"}`, with `start` the initial
    labels of the answer; it is None for an undo, whose `undoes` is the event that it undoes. An event of the kind
    "flag" is `{"event_id", "kind", "store", "reviewer", "tweet_id", "comment", "at", "attempt"}`, with the comment None
    to remove the flag. The outbox is always the whole list of unacknowledged events, in order; `attempt` counts the
    attempts, since Streamlit calls `on_outbox` only for a value that differs from the last.
    """
    return _CARD(
        key=key,
        data=data,
        on_outbox_change=on_outbox,
        on_skipped_change=on_skipped,
        on_explain_change=on_explain,
        on_look_change=lambda: None,  # polls a rationale that is being written
    )
