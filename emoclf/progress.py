"""
Progress reports: a long job is a generator that yields `Progress` and returns its result.

To stop a job, stop iterating over it.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Progress:
    """How far a job has got."""

    done: int
    total: int
    message: str = ""
    detail: dict[str, Any] | None = None  # JSON values that a page may plot; None if there is nothing new

    @property
    def fraction(self) -> float:
        """The completed share in [0, 1]; 0 if the total is not known yet."""
        return min(1.0, self.done / self.total) if self.total else 0.0


Work = Generator[Progress, None, Result]


def drain(work: Work[Result], report: Callable[[Progress], None] = lambda progress: None) -> Result:
    """Run `work` to the end, pass every step to `report`, and return the result.

    >>> def count():
    ...     yield Progress(1, 2)
    ...     return "done"
    >>> drain(count(), print)
    Progress(done=1, total=2, message='', detail=None)
    'done'
    """
    while True:
        try:
            report(next(work))
        except StopIteration as end:
            result: Result = end.value
            return result


def mapped(work: Work[Result], change: Callable[[Progress], Progress]) -> Work[Result]:
    """Return the same work with `change` applied to each step, for a job that is part of a larger one."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield change(step)
