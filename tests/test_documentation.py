"""Tests of the documentation pages: linked and named files exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), ROOT / "datasets" / "README.md"]
HISTORY = "CHANGELOG.md"  # names files as they were then


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_project_leads_to_a_file_and_a_heading(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text(encoding="utf-8"))
    for path, anchor in links:
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in headings(target), f"{path}#{anchor}"


@pytest.mark.parametrize("page", [one for one in PAGES if one.name != HISTORY], ids=lambda page: page.name)
def test_every_file_of_the_code_that_a_page_names_is_there(page: Path) -> None:
    """Names in capitals, such as `pages/NAME.py`, stand for a file that the reader is to make."""
    folders = "app|benchmarks|commands|db|docs|emoclf|jobs|pages|tests|tools|ui"
    named = re.findall(rf"`((?:{folders})/[\w./]+\.\w+)`", page.read_text(encoding="utf-8"))
    missing = [path for path in named if not re.search(r"\b[A-Z]{2,}\b", path) and not (ROOT / path).exists()]
    assert missing == []


@cache
def names_of_tests(path: Path) -> set[str]:
    """The names of the tests in a file."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else ()
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


def test_every_promise_of_the_security_page_names_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page)
    assert len(named) > 20
    assert [(path, name) for path, name in named if name not in names_of_tests(ROOT / path)] == []


def test_every_section_of_the_security_page_names_a_test() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    without = [text.partition("\n")[0] for text in sections if "::test_" not in text]
    assert without == ["Threat model"]
