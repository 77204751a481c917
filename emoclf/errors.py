"""What can go wrong, as a small tree; every message says what was seen and what would do.

* EmoclfError           a person can mend it: shown as one sentence, exit status 2
  x LabelError          a label outside the label set
  x DataFileError       a file cannot be imported or written
  x ModelError          a model is not where its URI says, or cannot be used
  x TooLittleDataError  there is not enough to train or to score on
  x EngineError         an LLM could not answer
    + ReplyError        it did not answer one request, or not in the agreed form
      - RefusedError    it said that it cannot do what was asked
  x StoreError          the database cannot be opened or is of another version
    + NotFoundError     no such tweet, run or job
    + UnstorableError   the database can never hold a value
    + StoreUnavailableError  the database cannot be read or written now
  x SettingError        a setting has a value that cannot be used
"""


class EmoclfError(Exception):
    """The root: catch this one, in a page or in the command line, and show its sentence."""


class LabelError(EmoclfError):
    """A label is not in the label set."""


class DataFileError(EmoclfError):
    """A data file cannot be read or written; nothing was stored."""


class ModelError(EmoclfError):
    """A model was not found where its URI says, or is not of a kind that can be used."""


class TooLittleDataError(EmoclfError):
    """The data cannot support what was asked; the message names the emotion or the count."""


class EngineError(EmoclfError):
    """A language model could not answer at all (one bad answer is a result, not an error)."""


class ReplyError(EngineError):
    """One request stayed without an answer that can be used; others may fare better."""


class RefusedError(ReplyError):
    """The server understood a request and said no to it; asking again would change nothing."""


class StoreError(EmoclfError):
    """The database cannot be opened, written, or understood by this version."""


class NotFoundError(StoreError):
    """A tweet, run or job was asked for that the store does not hold."""


class UnstorableError(StoreError):
    """The database can never hold a value, such as a number that is too large for it."""


class StoreUnavailableError(StoreError):
    """The database cannot be read or written now, and may be later; `why` says it in a few words."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


class SettingError(EmoclfError):
    """A setting has a value that cannot be used; the message says which would do."""
