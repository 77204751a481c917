"""
The settings of the jobs of the review in bulk: accept a batch, and undo it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class AcceptSettings:
    """A batch whose labels are accepted."""

    batch: int  # id
    reviewer: str  # who accepts it


@dataclass(frozen=True)
class UndoSettings:
    """A batch whose decisions are undone."""

    batch: int  # id
    reviewer: str  # who undoes it
