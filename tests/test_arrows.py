"""Tests of the structure: imports point one way between layers and packages, and pages stay thin."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tools.modules import imports, modules, names_imported, package_arrows

FORBIDDEN = {
    "emoclf": {"streamlit", "sqlalchemy", "alembic", "db", "jobs", "ui", "pages", "commands", "app", "cli"},
    "db": {"torch", "transformers", "tensorflow", "streamlit", "jobs", "ui", "pages", "commands", "app", "cli"},
    "jobs": {"streamlit", "ui", "pages", "commands", "app", "cli"},
    "ui": {"sqlalchemy", "torch", "transformers", "tensorflow", "pages", "commands", "app", "cli"},
    "pages": {"sqlalchemy", "torch", "transformers", "tensorflow", "commands", "app", "cli"},
    "commands": {"streamlit", "sqlalchemy", "torch", "transformers", "tensorflow", "ui", "pages", "app", "cli"},
}
ALLOWED = {  # what a package of `emoclf` may import besides the files in its root
    "text": set(),
    "hub": set(),
    "files": {"text"},
    "metrics": set(),
    "llm": {"hub"},
    "backends": {"hub", "text"},
    "training": {"backends", "files", "hub", "metrics", "text"},
    "review": {"metrics"},
    "synthetic": {"llm", "backends", "hub", "text"},
    "export": {"training", "backends", "files", "hub", "metrics", "text"},
    "api": {"training", "backends", "files", "metrics", "review", "text"},
}


def imported(path: Path) -> set[str]:
    """The top-level names of everything a file imports, also inside functions."""
    return {name.partition(".")[0] for name in names_imported(path)}


@cache
def inside_the_library() -> set[tuple[str, str]]:
    """Which package of `emoclf` imports which."""
    return package_arrows(ROOT, ("emoclf",))


def circle(arrows: set[tuple[str, str]]) -> list[str]:
    """The names along one circle of arrows; empty where there is none."""
    graph: dict[str, set[str]] = {}
    for one, other in arrows:
        graph.setdefault(one, set()).add(other)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        return list(found.args[1])
    return []


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_imports_point_one_way_between_layers(folder: str) -> None:
    paths = [path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts]
    wrong = {str(path.relative_to(ROOT)): imported(path) & FORBIDDEN[folder] for path in paths}
    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_of_the_science_imports_only_what_it_may(package: str) -> None:
    found = {other for one, other in inside_the_library() if one == f"emoclf.{package}"}
    assert found - {"emoclf"} <= {f"emoclf.{name}" for name in ALLOWED[package]}


def test_every_package_of_the_science_has_its_rule() -> None:
    assert {path.name for path in (ROOT / "emoclf").iterdir() if (path / "__init__.py").exists()} == ALLOWED.keys()


def test_no_modules_import_one_another_in_a_circle() -> None:
    known = modules(ROOT)
    assert circle({(name, other) for name, path in known.items() for other in imports(path, known)}) == []


def test_no_packages_import_one_another_in_a_circle() -> None:
    assert circle(package_arrows(ROOT)) == []


def test_a_circle_would_be_found() -> None:
    assert set(circle({("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")})) == {"a", "b", "c"}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.name)
def test_every_page_goes_through_the_guard_before_anything_else(path: Path) -> None:
    statements = [
        node
        for node in ast.parse(path.read_text("utf-8")).body
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)
        and not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Dict))
    ]
    assert ast.unparse(statements[0]) == "app = guard()"


@pytest.mark.processes
@pytest.mark.parametrize(
    "loaded",
    [
        "pages, ui.guard, ui.cards.review_card, ui.charts, ui.f1_table, ui.job_bar, ui.steps,"
        "jobs.review.review_card, jobs.files.sample",
        "jobs.registry, commands.main",
        "ui.runs.train_form, ui.synthetic.write_form",
    ],
    ids=["app", "command line", "forms of jobs"],
)
def test_nothing_loads_torch_transformers_or_tensorflow_at_its_start(loaded: str) -> None:
    code = f"import sys, {loaded};print(sorted({{'torch', 'transformers', 'tensorflow'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_no_test_imports_another_test_or_a_conftest() -> None:
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / "tests").rglob("*.py")
        for name in imported_in_full(path)
        if name.startswith("tests") and (".test_" in f"{name}." or ".conftest." in f"{name}.")
    }
    assert wrong == set()


def imported_in_full(path: Path) -> set[str]:
    """The full names of everything a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(path.relative_to(ROOT).parts[: -node.level]) + "." if node.level else ""
            found |= {f"{above}{node.module or ''}.{name.name}" for name in node.names}
    return found
