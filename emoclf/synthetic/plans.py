"""
Plans synthetic tweets: how many an emotion needs, in which contexts, and with which style attributes.

All style attributes and further emotions of one tweet come from one random real train tweet, so lengths, hashtags and
emotions have the same joint distribution as in the data. That tweet is shown in the prompt as an example of tone; the
gates drop copies of it.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import emoji
import numpy as np

from emoclf.labels import EMOTIONS
from emoclf.synthetic.personal_data import anonymous
from emoclf.tweets import LabelledTexts

TARGET = 500  # train tweets that an emotion should have
CONTEXTS = {
    "personal experiences": "something that happened to the writer: home, work, school, health, travel",
    "news and events": "news, politics, sports, films, music or an event that many people follow",
    "social interactions": "friends, family, colleagues or strangers, and what they say to each other",
    "aspirations": "plans, wishes, dreams, goals or doubts about what is to come",
}

_CASUAL = re.compile(r"([a-z])\1{2}|\b(?:u|ur|r|gonna|wanna|gotta|cuz|tho|im|dont|cant|thats|omg|lol|smh|idk)\b")
_SARCASTIC = re.compile(r"#(?:sarcasm|sarcastic|irony|not)\b|\byeah,? right\b|\boh,? great\b")


@dataclass(frozen=True)
class StyleAttributes:
    """The style attributes of a tweet, independent of its content."""

    words: int
    hashtags: int
    emoji: int
    mentions: int
    is_casual: bool  # lengthened words, chat spelling
    is_sarcastic: bool  # marked as such

    @classmethod
    def of(cls, text: str) -> "StyleAttributes":
        """
        >>> StyleAttributes.of("@ana sooo happy 😂😂 #joy")
        StyleAttributes(words=2, hashtags=1, emoji=2, mentions=1, is_casual=True, is_sarcastic=False)
        """
        lower = text.lower()
        plain = re.sub(r"https?://\S+|[@#]\w+", " ", lower)
        return cls(
            words=len(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", plain)),
            hashtags=len(re.findall(r"#\w", text)),
            emoji=emoji.emoji_count(text),
            mentions=len(re.findall(r"(?<!\w)@\w", text)),
            is_casual=bool(_CASUAL.search(plain)),
            is_sarcastic=bool(_SARCASTIC.search(lower)),
        )


@dataclass(frozen=True)
class Brief:
    """One tweet to write: its emotions, the target first, and its style attributes."""

    labels: tuple[str, ...]
    style: StyleAttributes

    def to_json(self) -> dict[str, Any]:
        """Return the brief as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Request:
    """The request of one prompt: several tweets in one context, with real ones as examples of style."""

    emotion: str
    context: str
    briefs: tuple[Brief, ...]
    examples: tuple[str, ...]  # the real train tweet behind each brief, without names and links; empty if there is none


def missing(count: int, target: int = TARGET) -> int:
    """Return how many tweets an emotion with `count` train tweets needs to reach the target.

    >>> missing(357), missing(2000)
    (143, 0)
    """
    return max(0, target - count)


def spread(count: int) -> dict[str, int]:
    """Distribute so many tweets over the contexts as evenly as possible.

    >>> list(spread(10).values())
    [3, 3, 2, 2]
    """
    each, left = divmod(count, len(CONTEXTS))
    return {context: each + (place < left) for place, context in enumerate(CONTEXTS)}


class Planner:
    """Draws requests for one emotion from the train tweets; the same numbers give the same request."""

    def __init__(self, real: LabelledTexts, emotion: str) -> None:
        [self.emotion] = EMOTIONS.check([emotion])
        column = EMOTIONS.names.index(emotion)
        own = np.flatnonzero(real.labels[:, column])
        self.real = real.take(own if len(own) else np.arange(len(real)))
        self.has_own = len(own) > 0

    def request(self, number: int, tweets: int, seed: Sequence[int]) -> Request:
        """Return the request of this number; contexts alternate, and examples are drawn anew for each."""
        random = np.random.default_rng([*seed, number])
        n = len(self.real)
        models = random.choice(n, size=tweets, replace=tweets > n) if n else np.zeros(0, dtype=int)
        return Request(
            emotion=self.emotion,
            context=list(CONTEXTS)[number % len(CONTEXTS)],
            briefs=tuple(self._brief(int(row)) for row in models) or (self._plain(),) * tweets,
            examples=tuple(anonymous(self.real.texts[row]) for row in models) if self.has_own else (),
        )

    def _brief(self, row: int) -> Brief:
        also = EMOTIONS.decode(self.real.labels[row : row + 1])[0] - {self.emotion} if self.has_own else ()
        return Brief((self.emotion, *EMOTIONS.ordered(also)), StyleAttributes.of(self.real.texts[row]))

    def _plain(self) -> Brief:
        return Brief((self.emotion,), StyleAttributes(15, 0, 0, 0, False, False))
