"""
The messages between the review card and Python; `jobs.review.card_messages` has what both cards share.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from jobs.review.card_messages import CardData, Event, Id, Labels, Name, Undo

# ---- to the browser --------------------------------------------------------------------------------------------------


class Suggestion(Struct, frozen=True, kw_only=True):
    """The labels that a language model suggests."""

    id: int
    by: str
    labels: list[str]
    probabilities: list[float] | None  # by emotion; None: the model answered with yes and no


class Prediction(Struct, frozen=True, kw_only=True):
    """The labels that a run of BERT predicts."""

    run: int
    by: str
    labels: list[str]
    probabilities: list[float]


class DecisionInForce(Struct, frozen=True, kw_only=True):
    """The decision in force on a tweet, from which the answer starts."""

    reviewer: str
    batch: str | None  # the name of the batch that made it
    labels: list[str]
    at: str
    guidelines: int | None  # the version when it was made; None: not recorded
    changed: list[str]  # the emotions whose guideline has changed since
    settles: bool  # it settles a disagreement between reviewers, and stays in force


class ReviewTweet(Struct, frozen=True, kw_only=True):
    """A tweet of the review with the labels of each source."""

    id: int
    text: str
    split: str
    decision: int | None  # the id of the decision in force
    emotion: str | None  # of the most doubtful label
    doubt: float | None  # None: no labels that could be doubted, or no source to compare them with
    reason: str  # for the doubt, in words; empty without any source
    original: list[str] | None  # None: it came without labels
    suggestion: Suggestion | None
    prediction: Prediction | None
    in_force: DecisionInForce | None = None  # only if the card shows the decision in force
    by_chance: bool = False  # from the random sample
    blind: bool = False  # the sources are shown after the answer is saved
    blind_share: float | None = None  # the share under which `blind` was drawn
    second: bool = False  # another reviewer has decided it, and this one must not see that decision


class UndoableDecision(Struct, frozen=True, kw_only=True):
    """A decision that the reviewer can undo, with the card of its tweet after the undo."""

    event_id: str
    labels: list[str]
    card: ReviewTweet


class GuidelineText(Struct, frozen=True, kw_only=True):
    """When to give an emotion."""

    version: int
    definition: str
    examples: list[str]
    counter_examples: list[str]


class Guidelines(Struct, frozen=True, kw_only=True):
    """The guidelines in force, by emotion."""

    version: int
    of: dict[str, GuidelineText]


class Rationale(Struct, frozen=True, kw_only=True):
    """Which words carry an emotion, as a language model explains it."""

    text: str
    by: str


class Flag(Struct, frozen=True, kw_only=True):
    """A comment that asks for another look at a tweet."""

    by: str
    comment: str


class HistoryLine(Struct, frozen=True, kw_only=True):
    """One decision or flag in a tweet's history."""

    at: str
    by: str
    what: str
    undone: bool


class Annotations(Struct, frozen=True, kw_only=True):
    """What the side panel shows about one tweet."""

    note: str  # on rare label pairs; may be empty
    rationale: Rationale | None
    flag: Flag | None
    history: list[HistoryLine]  # oldest first


class Explaining(Struct, frozen=True, kw_only=True):
    """The progress of the newest request for a rationale."""

    job: int
    tweet: int
    text: str  # as far as it is written
    is_over: bool
    why: str  # there is no rationale; may be empty


class SidePanel(Struct, frozen=True, kw_only=True):
    """The side panel of all tweets that the card holds, by tweet id."""

    annotations: dict[int, Annotations]
    explaining: Explaining | None


class ReviewCardData(CardData, frozen=True, kw_only=True):
    """The data of the review card."""

    tweets: list[ReviewTweet]  # the next undecided ones in queue order, skipped ones last
    history: list[UndoableDecision]  # newest first
    guidelines: Guidelines
    leased_to_others: bool  # the only tweets left are with other reviewers
    is_sample: bool  # the list is a sample to check before a batch is accepted
    all_decided: bool  # the list contains only decided tweets; the top line then shows only `total`
    side_panel: SidePanel = SidePanel(annotations={}, explaining=None)


# ---- from the browser ------------------------------------------------------------------------------------------------


class ShownDecision(Struct, frozen=True, kw_only=True):
    """The decision that the card showed: a `DecisionInForce`, or a `NewerDecision`."""

    reviewer: Name
    labels: Labels
    decision: Id | UnsetType = UNSET
    batch: Name | UnsetType | None = UNSET
    at: str | UnsetType = UNSET
    guidelines: int | UnsetType | None = UNSET
    changed: Labels | UnsetType = UNSET
    settles: bool | UnsetType = UNSET


class Shown(Struct, frozen=True, kw_only=True):
    """What was on the screen when a tweet was decided; stored with the decision."""

    original: Labels | None
    suggestion: Suggestion | UnsetType | None = UNSET
    prediction: Prediction | UnsetType | None = UNSET
    in_force: ShownDecision | UnsetType | None = UNSET
    emotion: str | UnsetType | None = UNSET
    reason: str | UnsetType = UNSET
    blind_share: float | UnsetType | None = UNSET
    start: Labels | UnsetType = UNSET  # the labels that the answer started from


class Decision(Event, frozen=True, kw_only=True, tag="decide"):
    """The labels that a reviewer decided."""

    labels: Labels
    shown: Shown
    seen: Id | UnsetType | None = UNSET  # the decision in force when the card was filled
    by_chance: bool = False
    blind: bool = False
    guidelines: int | None = None  # the version on the screen
    seconds: float | None = None  # on the screen; negative if the clock was set back meanwhile


class FlagEvent(Event, frozen=True, kw_only=True, tag="flag"):
    """Flags a tweet with a comment, or removes its flag with None."""

    comment: Annotated[str, Meta(max_length=500)] | None  # the card's field takes no more


class ExplainRequest(Struct, frozen=True, kw_only=True):
    """Asks for the rationale of a tweet."""

    tweet: Id
    at: int


REVIEW_EVENTS = Decision | Undo | FlagEvent
