"""
The axes of a chart that is written as SVG: from values to positions, with round ticks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scale:
    """Maps the values of an axis to positions between `start` and `end`, in pixels."""

    start: float
    end: float
    low: float
    high: float
    names: tuple[str, ...] = ()  # of a category axis, whose values lie at 0, 1, 2, ...
    is_log: bool = False

    def at(self, value: Any) -> float:
        """Return the position of a value."""
        number = float(self.names.index(str(value))) if self.names and isinstance(value, str) else float(value)
        number = math.log10(max(number, 0.5)) if self.is_log else number
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def step(self) -> float:
        """The pixels between two categories."""
        return abs(self.end - self.start) / (self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """Return the positions and words of the ticks."""
        if self.names:
            return [(self.at(name), name) for name in self.names]
        if self.is_log:
            powers = range(math.ceil(self.low), math.floor(self.high) + 1)
            return [(self.at(10**power), f"{10**power:,}") for power in powers]
        gap = round_step((self.high - self.low) / 5)
        first, last = math.ceil(self.low / gap - 1e-9), math.floor(self.high / gap + 1e-9)
        return [(self.at(n * gap), f"{n * gap:g}") for n in range(first, last + 1)]


def round_step(rough: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is at least `rough`.

    >>> round_step(0.17), round_step(13), round_step(2)
    (0.2, 20.0, 2.0)
    """
    power = 10.0 ** math.floor(math.log10(rough))
    return next(round(size * power, 12) for size in (1, 2, 5, 10) if size * power >= rough * (1 - 1e-9))


def scale_of(axis: Any, values: Sequence[Any], ends: tuple[float, float], has_bars: bool) -> Scale:
    """Return the scale of a plotly axis that shows these values between two positions."""
    if any(isinstance(value, str) for value in values):
        names = tuple(dict.fromkeys(str(value) for value in values))
        start, end = ends[::-1] if axis.autorange == "reversed" else ends
        return Scale(start, end, -0.5, len(names) - 0.5, names)
    numbers = [float(value) for value in values if value is not None and math.isfinite(float(value))] or [0.0, 1.0]
    if axis.type == "log":
        return Scale(*ends, math.log10(0.5), math.ceil(math.log10(max(*numbers, 2))), is_log=True)
    if axis.range is not None:
        return Scale(*ends, float(axis.range[0]), float(axis.range[1]))
    low, high = min(numbers), max(numbers)
    low = min(low, 0.0) if has_bars or axis.rangemode == "tozero" else low
    room = 0.06 * (high - low) or 0.5
    return Scale(*ends, low if low == 0 else low - room, high + room)
