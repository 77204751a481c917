"""
The result of one gate on a synthetic tweet, and what follows for the tweet from all its results.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class GateResult:
    """The result of one gate on one tweet; a gate that did not run has none."""

    gate: str
    passed: bool
    value: float | None = None  # what the gate compares with its limit: a similarity or a probability
    reason: str = ""  # why the tweet failed; empty if it passed
    # Further values, as JSON. A gate that asks a model adds `reader`, the model's name, and `probabilities` in
    # `EMOTIONS` order.
    details: Mapping[str, Any] = field(default_factory=dict)


class Gated:
    """A tweet with the results of its gates, in the order in which they ran; it is dropped at the first failure."""

    gates: Sequence[GateResult]

    @property
    def passed(self) -> list[str]:
        """The gates that the tweet passed."""
        return [result.gate for result in self.gates if result.passed]

    @property
    def dropped(self) -> str | None:
        """The gate that dropped the tweet; None if it passed all."""
        return next((result.gate for result in self.gates if not result.passed), None)

    @property
    def reason(self) -> str:
        """Why the tweet was dropped; empty if it was not."""
        return next((result.reason for result in self.gates if not result.passed), "")
