"""
The messages between the card for synthetic tweets and Python; `jobs.review.card_messages` has what both cards share.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from jobs.review.card_messages import CardData, Event, Labels, Name, Undo

# ---- to the browser --------------------------------------------------------------------------------------------------


class ModelProbabilities(Struct, frozen=True, kw_only=True):
    """What a model predicts for a synthetic tweet."""

    by: str
    probabilities: list[float]  # by emotion


class SyntheticTweet(Struct, frozen=True, kw_only=True):
    """A synthetic tweet to check."""

    id: int
    text: str  # as generated
    edited: str | None  # the reviewer's text, if it differs
    emotion: str
    context: str
    original: list[str]  # the requested labels, from which the answer starts
    reason: str  # why a gate dropped it, if it was restored
    passed: list[str]  # gates
    nearest: str | None  # the text of the most similar real tweet
    similarity: float | None  # cosine similarity to it
    predictions: dict[str, ModelProbabilities]  # by "bert" and "judge"


class UndoableVerdict(Struct, frozen=True, kw_only=True):
    """A verdict that the reviewer can undo, with the card of its tweet after the undo."""

    event_id: str
    labels: list[str]
    card: SyntheticTweet


class SyntheticCardData(CardData, frozen=True, kw_only=True):
    """The data of the card for synthetic tweets."""

    reasons: list[str]  # for a rejection
    tweets: list[SyntheticTweet]
    history: list[UndoableVerdict]  # newest first


# ---- from the browser ------------------------------------------------------------------------------------------------


class VerdictEvent(Event, frozen=True, kw_only=True, tag="decide"):
    """A reviewer's verdict on a synthetic tweet."""

    verdict: Literal["accept", "reject"]
    labels: Labels
    reason: Name | None = None  # of a rejection
    text: Annotated[str, Meta(max_length=10_000)] | None = None  # as edited, of an accepted tweet
    seconds: float | None = None


SYNTHETIC_EVENTS = VerdictEvent | Undo
