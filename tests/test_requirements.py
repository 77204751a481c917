"""Tests of requirements: ranges in pyproject.toml, and one exact version within each range in the pins."""

import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.paths import ROOT
from tools.modules import names_imported

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LIBRARY = PYPROJECT["project"]["dependencies"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
FILES = {  # what each file pins
    "requirements.txt": [*LIBRARY, *EXTRAS["app"], *EXTRAS["llm"], *EXTRAS["tensorflow"]],
    "requirements-dev.txt": [*EXTRAS["postgres"], *PYPROJECT["dependency-groups"]["dev"]],
}
OUR_OWN = {"emoclf", "db", "jobs", "ui", "pages", "commands", "benchmarks", "tests", "tools", "app", "cli"}
APP = ("db", "jobs", "ui", "pages", "commands")


def name_of(requirement: Requirement) -> str:
    """What a requirement asks for: the name, with its extras."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return canonicalize_name(requirement.name) + extras


def by_name(lines: list[str]) -> dict[str, Requirement]:
    """Requirements by name; none stands there twice."""
    found = [Requirement(line) for line in lines]
    assert len({name_of(one) for one in found}) == len(found)
    return {name_of(one): one for one in found}


def pinned(file: str) -> dict[str, Requirement]:
    """The pins of a requirements file."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / file).read_text("utf-8").splitlines()]
    return by_name([line for line in lines if line and not line.startswith("-r ")])


def outside(ranges: dict[str, Requirement], pins: dict[str, Requirement]) -> list[str]:
    """The pins that are not exact, not within their range, or for other systems."""
    return [
        name
        for name, pin in pins.items()
        for (exact,) in [tuple(pin.specifier) or (None,)]
        if exact is None
        or exact.operator != "=="
        or not ranges[name].specifier.contains(exact.version)
        or ranges[name].marker != pin.marker
    ]


@pytest.mark.parametrize("file", FILES)
def test_every_dependency_is_pinned_and_every_pin_is_a_dependency(file: str) -> None:
    assert pinned(file).keys() == by_name(FILES[file]).keys()


@pytest.mark.parametrize("file", FILES)
def test_every_pin_is_exact_and_within_its_range(file: str) -> None:
    assert outside(by_name(FILES[file]), pinned(file)) == []


def test_a_pin_outside_its_range_would_be_found() -> None:
    ranges = by_name(["a>=1,<2", "b>=1,<2", "c>=1,<2", "d>=1; sys_platform != 'win32'"])
    assert outside(ranges, by_name(["a==2.0", "b>=1.1", "c==1.5", "d==1.0"])) == ["a", "b", "d"]


def test_every_range_has_a_lower_and_an_upper_end() -> None:
    ends = {
        name: {one.operator for one in r.specifier} for lines in FILES.values() for name, r in by_name(lines).items()
    }
    assert [name for name, found in ends.items() if not {">=", "<"} <= found] == []


@cache
def imported(folder: str) -> set[str]:
    """The top-level names of all imports from elsewhere in a folder."""
    names = {name.partition(".")[0] for path in (ROOT / folder).rglob("*.py") for name in names_imported(path)}
    return names - sys.stdlib_module_names - OUR_OWN


@cache
def distributions() -> Mapping[str, list[str]]:
    """By module the installed distributions that bring it; reading all their metadata takes a second."""
    return packages_distributions()


def undeclared(folder: str, lines: list[str]) -> set[str]:
    """The modules that a folder imports and that no distribution of these requirements brings."""
    declared = {canonicalize_name(Requirement(line).name) for line in lines}
    brought_by = {name: {canonicalize_name(one) for one in distributions().get(name, [])} for name in imported(folder)}
    return {name for name, found in brought_by.items() if not declared & found}


def test_what_the_library_imports_is_among_its_dependencies_or_extras() -> None:
    assert undeclared("emoclf", [*LIBRARY, *EXTRAS["llm"], *EXTRAS["tensorflow"]]) == set()


@pytest.mark.parametrize("folder", APP)
def test_what_the_app_imports_is_among_its_requirements(folder: str) -> None:
    assert undeclared(folder, FILES["requirements.txt"]) == set()


def test_the_library_needs_nothing_that_only_the_app_needs() -> None:
    app = by_name([*EXTRAS["app"], *EXTRAS["postgres"]]).keys()
    assert not app & by_name(LIBRARY).keys()
    assert (
        imported("emoclf")
        & {
            "streamlit",
            "sqlalchemy",
            "alembic",
            "plotly",
            "psycopg",
        }
        == set()
    )
