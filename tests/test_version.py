"""Tests that the version number and the linter version agree everywhere."""

import re
import tomllib

import emoclf
from tests.support.paths import ROOT


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def first(pattern: str, text: str) -> str:
    """What the group of a pattern matches first, on a line of its own."""
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"no line matches {pattern}"
    return found[1]


def test_the_package_the_project_file_the_citation_and_the_changelog_name_the_same_version() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert "version" in project or "version" in project["dynamic"]
    assert project.get("version", emoclf.__version__) == emoclf.__version__
    assert first(r"^version: (.+)$", read("CITATION.cff")) == emoclf.__version__
    assert first(r"^## (\d\S*) ", read("CHANGELOG.md")) == emoclf.__version__


def test_the_citation_and_the_changelog_name_the_same_day() -> None:
    released = first(r"^## \d\S* \((\d{4}-\d\d-\d\d)\)$", read("CHANGELOG.md"))
    assert first(r"^date-released: (.+)$", read("CITATION.cff")) == released


def test_changes_after_the_release_have_a_heading_above_it() -> None:
    assert re.findall(r"^## (.+)$", read("CHANGELOG.md"), re.MULTILINE)[0] == "Unreleased"


def test_a_commit_is_checked_by_the_linter_of_the_development_requirements() -> None:
    pinned = first(r"^ruff==(.+)$", read("requirements-dev.txt"))
    assert first(r"ruff-pre-commit\n\s+rev: v(.+)$", read(".pre-commit-config.yaml")) == pinned


def test_the_workflow_tests_the_oldest_python_that_the_project_allows() -> None:
    oldest = tomllib.loads(read("pyproject.toml"))["project"]["requires-python"].removeprefix(">=")
    versions = re.findall(r'"(3\.\d+)"', first(r"python: \[(.+)\]$", read(".github/workflows/tests.yml")))
    assert versions[0] == oldest
