"""
The output format of a benchmark: the processor's name, and the measured claims as one JSON object in the last line.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn

from benchmarks import machine

MISSING = 2  # exit status of a benchmark that needs something this machine does not have


@dataclass(frozen=True)
class Claim:
    """One measured figure and its target."""

    claim: str
    value: float
    target: float
    unit: str
    at_most: bool = False  # whether the target is an upper bound
    detail: dict[str, Any] = field(default_factory=dict)
    testable: bool = True  # False: too few seeds to tell; such a claim does not hold

    @property
    def holds(self) -> bool:
        """Whether the figure reaches the target; a claim that could not be tested does not hold.

        >>> Claim("faster", 6.1, 5, "times").holds, Claim("slow", 70, 60, "ms", at_most=True).holds
        (True, False)
        """
        return self.testable and bool(self.value <= self.target if self.at_most else self.value >= self.target)

    def to_json(self) -> dict[str, Any]:
        """Return the claim as printed in the last line."""
        shown = {key: value for key, value in asdict(self).items() if key not in ("at_most", "testable")}
        return {**shown, "value": round(self.value, 3), "holds": self.holds}


def missing(sentence: str) -> NoReturn:
    """Say what the benchmark needs and this machine does not have, and end with the status `MISSING`."""
    print(sentence, file=sys.stderr)
    sys.exit(MISSING)


def run(measure: Callable[[bool], Sequence[Claim]], arguments: Sequence[str] | None = None) -> None:
    """Measure and print the claims; `--quick` requests a smaller measurement and is noted in the output."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--quick", action="store_true", help="end within a minute")
    quick = parser.parse_args(arguments).quick
    claims = [claim.to_json() for claim in measure(quick)]
    print(f"\n{machine.measured_on()}")
    answer = claims[0] if len(claims) == 1 else {"claims": claims}
    print(json.dumps({**answer, "quick": True} if quick else answer))
