"""
Progress: what a long job yields after each piece of work, so that any screen can show it.

A long job is a generator of Progress that returns its result; stop reading it
and the work stops.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    done: int
    total: int
    message: str = ""
    detail: dict[str, Any] | None = None  # plain values for JSON that a page may draw; None: nothing new

    @property
    def fraction(self) -> float:
        """The share done, in [0, 1]; 0 where the total is not known yet."""
        return min(1.0, self.done / self.total) if self.total else 0.0


Work = Generator[Progress, None, Result]


def drain(work: Work[Result], report: Callable[[Progress], None] = lambda progress: None) -> Result:
    """Run `work` to its end, handing every step to `report`, and return its result.

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
    """The same work, each step seen through `change`: for a piece of work that is a part of a larger one."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield change(step)
