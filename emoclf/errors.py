"""The exceptions that emoclf raises, as one hierarchy; each message says what was found and what to do about it.

* EmoclfError           an error that the user can fix: shown as one sentence, exit status 2
  x LabelError          a label is outside the label set
  x DataFileError       a file cannot be imported or written
    + NothingReadError  every row of a file was rejected
  x ModelError          a model is not where its URI says, or cannot be used
  x TooLittleDataError  there is not enough data to train or to score on
  x EngineError         a language model cannot answer
    + ReplyError        it did not answer one request, or not in the agreed format
      - RefusedError    it refused the request
  x StoreError          the database cannot be opened or is of another version
    + NotFoundError     there is no such tweet, run or job
    + UnstorableError   the database can never hold a value
    + StoreUnavailableError  the database cannot be read or written now
  x SettingError        a setting has an invalid value
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any


class EmoclfError(Exception):
    """The base class of all emoclf errors; pages and the command line catch it and show its message."""


class LabelError(EmoclfError):
    """A label is not in the label set."""


class DataFileError(EmoclfError):
    """A data file cannot be read or written; nothing was stored."""


class NothingReadError(DataFileError):
    """Every row of a file was rejected: by its reader, or by the store, which contradicts it.

    `rejects` holds the rows, and `rejects_file` the path of the file to which they were written, if they were.
    """

    def __init__(self, message: str, rejects: Sequence[Any]) -> None:
        super().__init__(message)
        self.rejects = rejects
        self.rejects_file: Path | None = None


class ModelError(EmoclfError):
    """A model was not found where its URI says, or is of a kind that cannot be used."""


class TooLittleDataError(EmoclfError):
    """The data is too small for the request; the message names the emotion or the count."""


class EngineError(EmoclfError):
    """A language model cannot answer at all (one bad answer is a result, not an error)."""


class ReplyError(EngineError):
    """One request got no usable answer; other requests may succeed."""


class RefusedError(ReplyError):
    """The server understood a request and refused it; retrying would not help."""


class StoreError(EmoclfError):
    """The database cannot be opened, written, or read by this version."""


class NotFoundError(StoreError):
    """The store does not hold the requested tweet, run or job."""


class UnstorableError(StoreError):
    """The database can never hold a value, such as a number that is too large for it."""


class StoreUnavailableError(StoreError):
    """The database cannot be read or written now, but may be later; `why` gives the reason in a few words."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


class SettingError(EmoclfError):
    """A setting has an invalid value; the message says which values are valid."""
