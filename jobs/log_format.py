"""
Formats log records so that they contain no tweets and no secrets.

The message of an exception can contain anything: a driver repeats the rejected row, a parser the text it could not
read. So a traceback shows only the types, files and lines of the exceptions, unless `messages` is set. Keys, tokens and
passwords are always replaced.
"""

import logging
import re
import traceback
from collections.abc import Callable, Iterator, Sequence

from emoclf.text.visible import visible, visible_lines

PACKAGES = ("emoclf", "db", "jobs", "ui", "pages", "commands")  # packages whose log messages are written
HIDDEN = "***"
LEFT_OUT = "message left out; set EMOCLF_LOG=debug to log it"
_SHORTEST_SECRET = 4  # characters; replacing shorter ones would change ordinary words
_PATTERNS = (
    re.compile(r"(://[^\s:/@]*:)[^\s@]+(?=@)"),  # the password in a URL
    re.compile(r"(\bbearer\s+)[^\s'\"]+", re.IGNORECASE),
    re.compile(r"((?:pass(?:word|wd)?|pwd|secret|api[_-]?key|token)=)[^\s&'\"]+", re.IGNORECASE),
)


class DiscreetFormatter(logging.Formatter):
    """Formats a record on one line, followed by its traceback if `tracebacks` is set."""

    def __init__(self, secrets: Callable[[], Sequence[str]], messages: bool, tracebacks: bool = True) -> None:
        super().__init__()
        self.secrets = secrets
        self.messages = messages
        self.tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """The record as text. The cached `exc_text` of other formatters is not used, because it contains messages."""
        is_own = record.name.partition(".")[0] in PACKAGES
        message = visible(record.getMessage()) if is_own or self.messages else f"({LEFT_OUT})"
        text = f"{self.formatTime(record)} {record.levelname} {record.name}: {message}"
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            text += "\n" + described(error, self.messages) if self.tracebacks else f" ({type(error).__name__})"
        return hide_secrets(text, self.secrets())


def described(error: BaseException, messages: bool) -> str:
    """The tracebacks of an exception and of its causes, first cause first.

    >>> print(described(ValueError("so happy today"), messages=False))
    ValueError (message left out; set EMOCLF_LOG=debug to log it)
    """
    return "\nthen\n".join(_link_in_words(link, messages) for link in reversed(list(_chain(error))))


def _link_in_words(error: BaseException, messages: bool) -> str:
    frames = visible_lines("".join(traceback.format_tb(error.__traceback__)))
    message = f": {visible(str(error))}" if messages else f" ({safe_words(error) or LEFT_OUT})"
    return f"{frames}{type(error).__qualname__}{message}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, then its cause or context, then theirs; a group is followed by its members."""
    waiting, seen = [error], set[int]()
    while waiting:
        link = waiting.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        if before := link.__cause__ or (None if link.__suppress_context__ else link.__context__):
            waiting.append(before)
        if isinstance(link, BaseExceptionGroup):
            waiting.extend(link.exceptions)


def safe_words(error: BaseException) -> str:
    """A description of an exception without its message: the system's reason, a code, or a name in the program.

    >>> safe_words(OSError(28, "No space left on device")), safe_words(KeyError("so happy today"))
    ('No space left on device', '')
    """
    if isinstance(error, OSError):
        return error.strerror or ""
    if isinstance(error, AttributeError | NameError | ImportError):
        name = str(getattr(error, "name", "") or "")
        return name if name.replace(".", "").isidentifier() else ""
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    return code if isinstance(code, str) else ""


def hide_secrets(text: str, secrets: Sequence[str]) -> str:
    """Replace secrets: those given, and passwords and keys recognized by their form.

    >>> hide_secrets("postgresql://ana:pa55@host/base?password=pa55", [])
    'postgresql://ana:***@host/base?password=***'
    >>> hide_secrets("Authorization: Bearer sk-12345 again: sk-6789", ["sk-6789"])
    'Authorization: Bearer *** again: ***'
    """
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text
