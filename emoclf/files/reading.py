"""
The choices of a person on how a file is to be read where it leaves something open.
"""

from dataclasses import dataclass

from emoclf.errors import SettingError

LABELS_AS = ("names", "numbers", "multi-hot")
RATERS = ("majority", "first")


@dataclass(frozen=True)
class Reading:
    """What a person says about a file; the command line has an option of the same name for each field.

    Raises
    ------
    SettingError : if `labels_as` is none of `LABELS_AS`, `raters` none of `RATERS`, or `first_number` neither 0 nor 1
    """

    labels_as: str | None = None  # names, numbers or multi-hot; None: as the label cells themselves tell
    first_number: int | None = None  # the number of the first emotion, 0 or 1; None: as the numbers tell
    blank_is_0: bool = False  # read a blank label cell as 0
    encoding: str | None = None  # of a text file; None: as its bytes tell
    confirm: bool = False  # import the file although it looks misread
    raters: str | None = None  # of rows with the same tweet: their majority, or the first; None: refused if they differ
    label_names: tuple[str, ...] = ()  # what label numbers and multi-hot lists stand for; none: the file's emotions

    def __post_init__(self) -> None:
        if self.labels_as not in (None, *LABELS_AS):
            raise SettingError(f"labels cannot be read as {self.labels_as!r}; choose one of {', '.join(LABELS_AS)}")
        if self.raters not in (None, *RATERS):
            raise SettingError(f"raters is {self.raters!r}; choose one of {', '.join(RATERS)}")
        if self.first_number not in (None, 0, 1):
            raise SettingError(f"the number of the first emotion is {self.first_number!r}, expected 0 or 1")


AS_FOUND = Reading()
