"""
Checks whether there are enough tweets, and enough positives of each emotion, to train on.
"""

from collections.abc import Mapping

MIN_TWEETS = 50  # to train on; with fewer, a fold is almost empty
MIN_POSITIVES = 30  # of an emotion; with fewer, training and threshold depend mostly on chance


def problem(tweets: int, positives: Mapping[str, int]) -> str:
    """Return why training on this data cannot start; empty if it can.

    >>> problem(12, {"joy": 9}), problem(400, {"joy": 90, "trust": 31})
    ('12 training tweets, but at least 50 are needed; import or review more', '')
    >>> problem(400, {"joy": 90, "fear": 0, "trust": 0})
    'no training tweet has fear, trust; import or label some'
    """
    if tweets < MIN_TWEETS:
        return f"{tweets:,} training tweets, but at least {MIN_TWEETS} are needed; import or review more"
    absent = [name for name, count in positives.items() if not count]
    return f"no training tweet has {', '.join(absent)}; import or label some" if absent else ""


def few_positives(positives: Mapping[str, int]) -> str:
    """Return which emotions have few positive tweets, but some; empty if none.

    >>> few_positives({"joy": 90, "surprise": 3, "trust": 0})
    'few positive tweets: surprise 3; an emotion needs about 30 to be learnt'
    """
    rare = [f"{name} {count}" for name, count in positives.items() if 0 < count < MIN_POSITIVES]
    if not rare:
        return ""
    return f"few positive tweets: {', '.join(rare)}; an emotion needs about {MIN_POSITIVES} to be learnt"
