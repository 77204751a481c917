"""
Signs that a file as a whole was misread, although each of its rows can be read.
"""

from collections.abc import Collection, Sequence

from emoclf.errors import SettingError
from emoclf.files.ids import is_number
from emoclf.labels import EMOTIONS

ENOUGH = 3  # rows; two tweets may well carry the same labels
MANY = 20  # rows, of which some would have one of the last emotions
# Data sets that are published with numbers as labels: their name, and what the numbers stand for.
NUMBERED = {
    4: ("the emotion task of TweetEval", "anger,joy,optimism,sadness"),
    6: ("dair-ai/emotion", "sadness,joy,love,anger,fear,surprise"),
}


def check_content(name: str, texts: Sequence[str], labels: Sequence[Collection[str]]) -> None:
    """Raise SettingError if all rows carry the same labels or all texts are numbers.

    Parameters
    ----------
    name : the file's name, for the message
    labels : the names of each text's labels
    """
    if len(labels) >= ENOUGH and len({frozenset(one) for one in labels}) == 1:
        same = " ".join(labels[0]) or "no emotion"
        raise SettingError(
            f"all {len(labels):,} rows of {name} carry the same labels ({same}), so the labels were probably lost or "
            "misread; pass --confirm to import it as it is"
        )
    if texts and all(map(is_number, texts)):
        raise SettingError(
            f"every text of {name} is a number, such as {texts[0]}, so the texts are probably in another column; name "
            "that column text, or pass --confirm to import it as it is"
        )


def check_numbers(name: str, numbers: Collection[int], first: int, rows: int) -> None:
    """Raise SettingError if label numbers end before the last emotion, as if they numbered a smaller label set.

    Parameters
    ----------
    name : the file's name, for the message
    numbers : the numbers that stand for labels in the file
    first : the number of the first emotion
    rows : how many rows have labels; a few of them need not have all emotions
    """
    last = max(numbers, default=first + len(EMOTIONS) - 1)
    are_all_used = set(numbers) >= set(range(first, last + 1))
    if last >= first + len(EMOTIONS) - 1 or not (are_all_used or rows >= MANY):
        return
    labels = last - first + 1
    known, order = NUMBERED.get(labels, ("", ""))
    such = f", as in {known}" if known else ""
    names = f"--emotions {order}" if order else "--emotions with their names in the order of the numbers"
    raise SettingError(
        f"the labels of {name} are numbers up to {last}, as if they numbered {labels} {_labels(labels)}{such}, and the "
        f"review has {len(EMOTIONS)} emotions; pass {names} to say what they stand for, or --confirm if {first} stands "
        f"for {EMOTIONS.names[0]} and {last} for {EMOTIONS.names[last - first]}"
    )


def _labels(n: int) -> str:
    return "label" if n == 1 else "labels"
