"""
Configures logging once per process, for the app, the command line and every worker.

Each program writes to its own file in the `logs` folder of the runs, and its warnings to the console. An unexpected
exception gets a short id, which appears in the log with the traceback and is shown to the user.
"""

import logging
import secrets
import sys
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import RLock

from sqlalchemy.exc import ArgumentError

from db.urls import passwords
from emoclf import environment
from emoclf.environment import CURRENT, Env
from emoclf.llm.servers import known_secrets
from emoclf.text.visible import visible
from jobs.log_format import PACKAGES, DiscreetFormatter, hide_secrets, safe_words
from jobs.paths import program_log

FILE_BYTES = 1_000_000  # size at which a log file is rotated
OLD_FILES = 3  # rotated files that are kept
_ID = "emoclf_error_id"  # attribute of a logged exception that holds its id

log = logging.getLogger(__name__)
_configuring = RLock()  # the app runs scripts in several threads
_configured: tuple[Path | None, bool, bool] | None = None  # file, whether all messages, whether a worker


class LogFile(RotatingFileHandler):
    """A rotating log file, created with its first record. If it cannot be written, the console reports this once.

    Two processes can share a file without losing records: each appends, and a file renamed by the other process is
    still written to the end.
    """

    def __init__(self, path: Path, largest: int) -> None:
        super().__init__(path, maxBytes=largest, backupCount=OLD_FILES, encoding="utf-8", delay=True)
        self.path = path.absolute()
        self.is_broken = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record and create the folder for it, but never the folder above the runs."""
        with suppress(OSError):
            self.path.parent.parent.mkdir(exist_ok=True)
            self.path.parent.mkdir(exist_ok=True)
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of the base class
        """Report on the console that the file cannot be written, without the record."""
        if not self.is_broken:
            self.is_broken = True
            print(f"the log file {visible(str(self.path))} cannot be written", file=sys.stderr)


class Console(logging.Handler):
    """Writes to the current standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record, unless standard error is closed."""
        with suppress(OSError, ValueError):
            print(self.format(record), file=sys.stderr)


def configure(url: str, program: str, env: Env = CURRENT) -> None:
    """Send the log of a program that uses the store at `url` to its file, and warnings to the console.

    Repeated calls for the same store and program have no effect, as when a page reruns.

    Raises
    ------
    SettingError : if EMOCLF_LOG has an invalid value
    """
    try:
        path = program_log(url, program, env)
    except ArgumentError:  # reported when the store is opened
        path = None
    set_up(path, url, env=env)


def set_up(path: Path | None, url: str, is_worker: bool = False, env: Env = CURRENT) -> None:
    """As `configure`, for a given file.

    A worker's file also receives its printed output, so its warnings need no console. It is rotated only when the job
    starts again.
    """
    global _configured
    is_debug = environment.log_level(env) == "debug"
    with _configuring:
        wanted = (path.absolute() if path else None, is_debug, is_worker)
        if _configured == wanted and _handlers():
            return

        def hidden() -> list[str]:
            return secrets_of(url, env)

        tear_down()
        _configured = wanted
        if path:
            _add(
                LogFile(path, 0 if is_worker else FILE_BYTES),
                logging.DEBUG,
                DiscreetFormatter(hidden, messages=is_debug),
            )
        if not is_worker:
            _add(Console(), logging.WARNING, DiscreetFormatter(hidden, messages=is_debug, tracebacks=not path))
        for name in PACKAGES:
            logging.getLogger(name).setLevel(logging.DEBUG if is_debug else logging.INFO)


def _add(handler: logging.Handler, level: int, formatter: logging.Formatter) -> None:
    handler.setLevel(level)
    handler.setFormatter(formatter)
    logging.root.addHandler(handler)


def _handlers() -> list[LogFile | Console]:
    return [handler for handler in logging.root.handlers if isinstance(handler, LogFile | Console)]


def tear_down() -> None:
    """Close the log file and stop logging."""
    for handler in _handlers():
        logging.root.removeHandler(handler)
        handler.close()
    for name in PACKAGES:
        logging.getLogger(name).setLevel(logging.NOTSET)


def secrets_of(url: str, env: Env = CURRENT) -> list[str]:
    """What must never be logged, stored or shown: the passwords of the database URL, and all keys and tokens."""
    return [*passwords(url), *known_secrets(env)]


def presentable(message: str, url: str) -> str:
    """A message for a job's row or a page, without secrets."""
    return hide_secrets(message, secrets_of(url))


def log_unexpected(error: BaseException, during: str) -> str:
    """Log an exception with its traceback, unless it is already logged, and return its id.

    Parameters
    ----------
    during : the action that failed, without any text of a user
    """
    known: str | None = getattr(error, _ID, None)
    if known is not None:
        return known
    error_id = secrets.token_hex(3)
    with suppress(AttributeError):  # classes with slots are logged twice
        setattr(error, _ID, error_id)
    log.error("error %s: %s", error_id, during, exc_info=error, extra={"error_id": error_id})
    return error_id


def sentence(error: BaseException, during: str) -> str:
    """Log an unexpected exception and return the sentence for the user: its id, and where the log is."""
    error_id = log_unexpected(error, during)
    files = [handler.path for handler in _handlers() if isinstance(handler, LogFile)]
    where = f"The log file {files[0]}" if files and files[0].exists() else "The console"
    reason = safe_words(error) if isinstance(error, OSError) else ""
    words = f": {reason[0].lower()}{reason[1:]}" if reason else ""
    return f"Something unexpected went wrong (error {error_id}){words}. {where} has the details."
