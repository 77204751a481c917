"""
Annotation guidelines: a definition, two examples and two counter-examples per emotion, and the built-in first version.

The first version never changes, because decisions refer to it: an edit creates a new version.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS, GLOSSES, SHOWN_BY

MAX_CHARACTERS = 280  # characters of an example, as of a tweet, and of a definition
N_EXAMPLES = 2  # examples, and as many counter-examples
FIRST = 0  # the version of the built-in guidelines


@dataclass(frozen=True)
class Guideline:
    """The guideline of one emotion.

    Raises
    ------
    SettingError : if a part is missing or too long
    """

    definition: str
    examples: Sequence[str]  # tweets with the emotion
    counter_examples: Sequence[str]  # tweets that only seem to have the emotion

    def __post_init__(self) -> None:
        texts = (self.definition, *self.examples, *self.counter_examples)
        if not (len(self.examples) == len(self.counter_examples) == N_EXAMPLES and all(map(str.strip, texts))):
            raise SettingError(
                "a part of the guideline is empty; write a definition, two examples and two counter-examples"
            )
        if (longest := max(map(len, texts))) > MAX_CHARACTERS:
            raise SettingError(f"a part of the guideline has {longest} characters; the most is {MAX_CHARACTERS}")


# Invented tweets, per emotion: two that have it, two that only seem to.
_TWEETS = {
    "anger": (
        (
            "third time this week the parcel is 'delivered' to nobody. I want my money back NOW",
            "who parks across TWO spaces",
        ),
        ("these wings are so hot they should be illegal", "my team lost again. oh well, next week"),
    ),
    "anticipation": (
        ("two more sleeps until the concert", "bags packed, tickets checked, alarm set for 4"),
        ("what a concert that was", "the next train leaves at 9:40"),
    ),
    "disgust": (
        ("found a hair in my soup, and it was not mine", "he laughs at people who sleep in the rain. vile"),
        ("not my favourite soup, but I finished it", "the rain ruined our picnic"),
    ),
    "fear": (
        ("someone is walking on the roof and I live alone", "results come tomorrow and I can't eat"),
        ("horror films are my comfort films", "results come tomorrow!! finally"),
    ),
    "joy": (
        ("she said yes!!!", "nothing beats the first swim of the year"),
        ("great, another delay. just what I needed", "the pool opens at eight"),
    ),
    "love": (
        ("miss you, grandma. every single day", "this old dog owns my whole heart"),
        ("I love how the bus never comes", "the dog next door is big"),
    ),
    "optimism": (
        (
            "failed the test, booked the next one. I'll get there",
            "new town, no friends yet, but it is going to be good",
        ),
        ("passed the test!!", "hope you are happy now that it is broken"),
    ),
    "pessimism": (
        ("why apply, they never call back anyway", "every plan I make falls apart, this one will too"),
        ("they did not call back. I cried all evening", "forecast says rain on Monday"),
    ),
    "sadness": (
        ("cleared out dad's workshop today. his apron is still on the hook", "everyone made plans without me"),
        ("this song is sad and I adore it", "sad excuse for a sandwich, I want a refund"),
    ),
    "surprise": (
        ("opened the door and there they ALL were, I had no idea", "wait, the quiet one from accounting is a boxer?"),
        ("as expected, the shop was closed", "the surprise party is on Friday, bring cake"),
    ),
    "trust": (
        (
            "whatever the doctor says, I'll do. she has never been wrong",
            "gave my sister the keys, she will look after it all",
        ),
        ("don't trust a word of it", "the doctor is in on Tuesdays"),
    ),
}

BUILT_IN = {
    name: Guideline(f"Also {GLOSSES[name]}. Signs: {SHOWN_BY[name]}.", *_TWEETS[name]) for name in EMOTIONS.names
}
