"""
The choices of a person on how a file is to be read where it leaves something open.
"""

from dataclasses import dataclass

from emoclf.errors import SettingError

LABELS_AS = ("names", "numbers", "multi-hot")
COLUMN_FIELDS = ("text_column", "id_column", "labels_column", "split_column")
RATERS = ("majority", "first")


@dataclass(frozen=True)
class Reading:
    """What a person says about a file; the command line has an option of the same name for each field.

    Raises
    ------
    SettingError : if `labels_as` is none of `LABELS_AS`, `raters` none of `RATERS`, `first_number` neither 0 nor 1,
        blanks mean two things, or one column is chosen for two things
    """

    labels_as: str | None = None  # names, numbers or multi-hot; None: as the label cells themselves tell
    first_number: int | None = None  # the number of the first emotion, 0 or 1; None: as the numbers tell
    blank_is_0: bool = False  # read a blank label cell as 0
    encoding: str | None = None  # of a text file; None: as its bytes tell
    confirm: bool = False  # import the file although it looks misread
    unlabelled: bool = False  # read tweets without labels: a file without label columns, and rows with blank ones
    # Names of columns, in any case; None: as their names and contents tell.
    text_column: str | None = None
    id_column: str | None = None
    labels_column: str | None = None  # the one column with all labels of a row
    split_column: str | None = None
    raters: str | None = None  # of rows with the same tweet: their majority, or the first; None: refused if they differ
    label_names: tuple[str, ...] = ()  # what label numbers and multi-hot lists stand for; none: the file's emotions

    def __post_init__(self) -> None:
        names = [getattr(self, one) for one in COLUMN_FIELDS if getattr(self, one) is not None]
        keys = [name.strip().lower() for name in names]
        if twice := next((name for name, key in zip(names, keys, strict=True) if keys.count(key) > 1), None):
            raise SettingError(f"the column {twice!r} is chosen for two things; choose another column for one of them")
        if self.labels_as not in (None, *LABELS_AS):
            raise SettingError(f"labels cannot be read as {self.labels_as!r}; choose one of {', '.join(LABELS_AS)}")
        if self.raters not in (None, *RATERS):
            raise SettingError(f"raters is {self.raters!r}; choose one of {', '.join(RATERS)}")
        if self.first_number not in (None, 0, 1):
            raise SettingError(f"the number of the first emotion is {self.first_number!r}, expected 0 or 1")
        if self.blank_is_0 and self.unlabelled:
            raise SettingError("a blank label is either 0 or no label; pass one of --blank-is-0 and --unlabelled")


AS_FOUND = Reading()
