"""
Alternative labelling prompts to `emoclf.llm.prompts.LABELLING`, to measure their effect.
"""

from dataclasses import replace

from emoclf.labels import EMOTIONS
from emoclf.llm.prompts import CLOSE, DATA, DEFINITIONS, LABELLING, OPEN, TASK

SEVEN_READERS = (
    f"Seven readers were asked which of these emotions the writer of a tweet feels: {', '.join(EMOTIONS.names)}. They "
    "could choose several or none. For each emotion answer yes if two or more of the seven would choose it, also "
    "where it is only hinted at; otherwise answer no."
)
EXAMPLE_TWEETS = (  # invented
    ("I can't believe they cancelled my flight AGAIN. Absolutely furious", "anger, disgust"),
    ("Counting the days until the concert, so excited!!", "anticipation, joy, optimism"),
    ("we lost him last night. nothing will ever be the same", "pessimism, sadness"),
    ("My heart is pounding, this dark house gives me nightmares", "fear"),
    ("Wow, did NOT see that ending coming", "surprise"),
    ("My sister is always there for me, I know I can count on her", "joy, love, trust"),
    ("the bus leaves at ten from platform 4", "none"),
    ("Another pointless meeting, this will never get better", "anger, disgust, pessimism"),
)
EXAMPLES = "Examples, with the emotions to which the answer is yes:\n" + "\n".join(
    f"{OPEN}\n{text}\n{CLOSE}\n{labels}" for text, labels in EXAMPLE_TWEETS
)

IDEAS = {
    "the prompt": LABELLING,
    "with definitions": replace(LABELLING, version="definitions", system=f"{TASK}\n{DEFINITIONS}\n{DATA}"),
    "two of seven readers": replace(LABELLING, version="seven", system=f"{SEVEN_READERS}\n{DATA}"),
    "with examples": replace(LABELLING, version="examples", system=f"{TASK}\n{EXAMPLES}\n{DATA}"),
}
