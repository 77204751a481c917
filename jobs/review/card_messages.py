"""
The messages between a card in the browser and Python, declared once: what both cards share, and their conversion.

`to_browser` makes plain JSON of the data sent to a card, and `parse` checks what comes back. The messages of the review
card are in `jobs.review.review_messages`, those of the card for synthetic tweets in `jobs.synthetic.card_messages`.
`tests/support/card_messages.json` has an example of each; the tests of both languages read it. The fields of an event
keep their names, because a browser may still hold unsent events of an earlier version.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct, ValidationError, convert, to_builtins

from emoclf.errors import EmoclfError
from emoclf.labels import EMOTIONS

Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]
EventId = Annotated[str, Meta(min_length=1, max_length=100)]  # a UUID made by the browser
Name = Annotated[str, Meta(max_length=1000)]  # of a store or a reviewer
Labels = Annotated[list[str], Meta(max_length=len(EMOTIONS))]


class UnreadableMessageError(EmoclfError):
    """A message does not have the form that cards send."""


# ---- to the browser --------------------------------------------------------------------------------------------------


class Emotion(Struct, frozen=True, kw_only=True):
    """An emotion with the key that switches it on and off."""

    name: str
    key: str
    meaning: str


class NewerDecision(Struct, frozen=True, kw_only=True):
    """The decision that somebody made on a tweet while it was on the reviewer's screen."""

    decision: int
    reviewer: str
    labels: list[str]


class Refusal(Struct, frozen=True):
    """An event that can never be stored. The browser keeps it until the reviewer has confirmed it."""

    event_id: str
    why: str  # a sentence for the reviewer
    newer_decision: NewerDecision | None = None  # the card shows the tweet again, with both decisions
    edit_again: bool = False  # the card shows the tweet again, with the refused text in the editor


class CardData(Struct, frozen=True, kw_only=True):
    """The data that both kinds of card receive each time the page runs."""

    view: str  # identifies reviewer, order, filter and link; another view drops the tweets and answers held by the card
    store: str  # names the outbox: events are never sent to another store
    reviewer: str  # signs new events; events of other reviewers still in the browser are sent under their names
    title: str
    emotions: list[Emotion]
    acknowledged: list[str]  # the ids of the events in the last outbox that are committed
    refused: list[Refusal]
    waiting: str  # why the other events of the last outbox are not stored yet and must be sent again; may be empty
    decided: int  # tweets of the list that are decided, for the top line
    total: int
    skipped: list[int] = []  # ids that the reviewer skipped in this view since the browser tab was opened, oldest first
    token: str = ""  # with which the card may post events without a run of the page; empty if it may not
    away: str = ""  # why the store is unavailable, if it is; the other fields are then from an earlier run


# ---- from the browser ------------------------------------------------------------------------------------------------


class Event(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The fields of every event in an outbox.

    The outbox is always the whole list of events without an acknowledgement, in order. `attempt` counts how often it
    was sent, because Streamlit reports only values that differ from the last.
    """

    event_id: EventId
    tweet_id: Id
    store: Name = ""
    reviewer: Name = ""  # empty: the reviewer of the page
    at: Annotated[str, Meta(max_length=100)] = ""
    attempt: int = 0


class Undo(Event, frozen=True, kw_only=True, tag="undo"):
    """Takes back an earlier event."""

    undoes: EventId
    seen: Id | None = None  # the decision in force after the undo


# ---- conversion ------------------------------------------------------------------------------------------------------


def to_browser(message: Struct | Sequence[Struct]) -> Any:
    """A message as plain JSON values: dictionaries with string keys, lists, strings, numbers, booleans and None."""
    return to_builtins(message, str_keys=True)


def parse(value: object, kind: Any, what: str) -> Any:
    """A value from the browser as a message.

    Parameters
    ----------
    kind : the type of the message, or a union of them; unknown fields, as of another version, are ignored
    what : the name of the message in the error, such as "decision"

    Raises
    ------
    UnreadableMessageError : if a field is missing, of another type, or too long; the sentence names the field
    """
    try:
        return convert(value, kind, str_keys=True)
    except ValidationError as problem:
        raise UnreadableMessageError(f"this {what} could not be read: {_in_words(str(problem))}") from problem


def _in_words(problem: str) -> str:
    """A validation error of msgspec with the field first.

    >>> _in_words("Expected `int`, got `str` - at `$.tweet_id`")
    'field tweet_id: expected int, got str'
    """
    found, _, field = problem.replace("`", "").partition(" - at $.")
    sentence = found[:1].lower() + found[1:]
    return f"field {field}: {sentence}" if field else sentence


def skipped_tweets(value: object) -> list[int]:
    """The ids of the tweets that the reviewer skipped; `value` is the card's state `skipped`, or None."""
    found: list[int] = parse(value or [], list[Id], "list of skipped tweets")
    return found
