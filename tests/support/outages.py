"""Makes the store unavailable for a while, and names what a page then shows."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import event as hooks

FAILED = "Not saved. What you entered is still here; try again."


@contextmanager
def full_disk() -> Iterator[None]:
    """No statement that writes succeeds, in any store of this process."""

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            raise sqlite3.OperationalError("database or disk is full")

    hooks.listen(Engine, "before_cursor_execute", fail)
    yield
    hooks.remove(Engine, "before_cursor_execute", fail)


@contextmanager
def away(folder: Path) -> Iterator[None]:
    """The file of the store lies somewhere else."""
    (folder / "emoclf.db").rename(folder / "elsewhere.db")
    yield
    (folder / "elsewhere.db").rename(folder / "emoclf.db")
