"""Tests of the review card's scripts under node, and that they form one module."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from ui.cards import synthetic_card
from ui.cards.review_card import SCRIPTS, join_scripts

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None, reason="node is not installed; the card's rules are written in JavaScript"
)


def run_node(*arguments: str) -> None:
    done = subprocess.run([str(NODE), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_node
@pytest.mark.parametrize(
    "name", ["card_model", "card_messages", "card_navigation", "card_outbox", "card_posting", "synthetic_model"]
)
def test_the_cards_rules_hold(name: str) -> None:
    run_node("--test", f"tests/ui/cards/{name}.test.mjs")


@needs_node
@pytest.mark.parametrize("scripts", [SCRIPTS, synthetic_card.SCRIPTS], ids=["review", "synthetic"])
def test_the_scripts_join_into_one_module(tmp_path: Path, scripts: tuple[str, ...]) -> None:
    joined = tmp_path / "card.mjs"
    joined.write_text(join_scripts(scripts=scripts), "utf-8")
    run_node("--check", str(joined))


def test_the_joined_module_imports_nothing_and_has_one_default_export() -> None:
    joined = join_scripts()
    assert not re.search(r"^\s*import\b", joined, re.MULTILINE)
    assert joined.count("export default ") == 1


@pytest.mark.parametrize("name", sorted({*SCRIPTS, *synthetic_card.SCRIPTS}))
def test_no_script_writes_markup(name: str) -> None:
    """A tweet may hold `<img onerror=…>`: text goes in as text nodes alone."""
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", (ROOT / "ui" / "cards" / name).read_text("utf-8")
    )
