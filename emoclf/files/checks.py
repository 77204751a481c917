"""
Signs that a file as a whole was misread, although each of its rows can be read.
"""

from collections.abc import Collection, Sequence

from emoclf.errors import SettingError
from emoclf.files.ids import is_number

ENOUGH = 3  # rows; two tweets may well carry the same labels


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
