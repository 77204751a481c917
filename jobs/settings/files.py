"""
The settings of the job that exports a run.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportRunSettings:
    """A run, and the folder to write it to."""

    run: int  # id
    folder: str  # a new one
