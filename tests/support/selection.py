"""Selects and marks the tests that pytest collects, and skips the slow ones for `make quick`."""

import re
from pathlib import Path

import pytest

# Markers of what --quick leaves out.
SLOW = ("browser", "real_model", "real_data", "training", "processes", "simulation")
MARKERS = {  # by fixture the marker of the tests that use it
    "one_thread": "training",
    "settings": "training",
    "classifier": "training",
    "train": "training",
    "page": "browser",
    "server": "browser",
    "qwen": "real_model",
    "semeval": "real_data",
}

# Doctests that load torch or TensorFlow, or train.
HEAVY = re.compile(
    r"^(import|from) (torch|transformers)\b|tensorflow_library import|>>> .*emoclf\.train\(", re.MULTILINE
)


class Selection:
    """The pytest plugin. It avoids imports where possible: torch, TensorFlow and Streamlit take seconds each."""

    def __init__(self, quick: bool) -> None:
        self.quick = quick

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Skip modules without doctests, and with --quick those that are slow as a whole."""
        if collection_path.suffix != ".py":
            return None
        text = collection_path.read_text("utf-8")
        if not collection_path.name.startswith("test_"):
            return True if ">>>" not in text or (self.quick and HEAVY.search(text)) else None
        return True if self.quick and is_slow_as_a_whole(text) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Mark tests by the fixtures they use, and with --quick skip the slow ones."""
        for item in items:
            for name in MARKERS.keys() & set(getattr(item, "fixturenames", ())):
                item.add_marker(MARKERS[name])
        if self.quick:
            config.hook.pytest_deselected(items=[item for item in items if is_slow(item)])
            items[:] = [item for item in items if not is_slow(item)]


def is_slow(item: pytest.Item) -> bool:
    """Whether --quick skips the test."""
    return any(item.get_closest_marker(name) for name in SLOW)


def is_slow_as_a_whole(text: str) -> bool:
    """Whether the `pytestmark` of a module marks all its tests as slow."""
    names = [f"mark.{name}" for name in SLOW] + [f'"{name}"' for name, marker in MARKERS.items() if marker in SLOW]
    lines = [line for line in text.splitlines() if line.startswith("pytestmark = ")]
    return any(name in line for line in lines for name in names)
