"""The house: arrows point one way, and pages stay thin."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CLI = {"cli", "cli_bulk", "cli_runs", "cli_synthetic", "cli_tfhub"}
FORBIDDEN = {
    "emoclf": {"streamlit", "sqlalchemy", "alembic", "db", "jobs", "ui", "pages", "app", *CLI},
    "db": {"torch", "transformers", "tensorflow", "streamlit", "jobs", "ui", "pages", "app", *CLI},
    "jobs": {"streamlit", "ui", "pages", "app", *CLI},
    "ui": {"sqlalchemy", "torch", "transformers", "tensorflow", "pages", "app", *CLI},
    "pages": {"sqlalchemy", "torch", "transformers", "tensorflow", "app", *CLI},
}
FILES = [
    path for folder in FORBIDDEN for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts
]


def imported(path: Path) -> set[str]:
    """The top-level names of everything a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_one_way(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    assert not imported(path) & FORBIDDEN[folder]


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.name)
def test_every_page_goes_through_the_guard_before_anything_else(path: Path) -> None:
    statements = [
        node
        for node in ast.parse(path.read_text("utf-8")).body
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)
        and not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Dict))
    ]
    assert ast.unparse(statements[0]) == "app = guard()"


def test_the_app_starts_without_loading_torch_transformers_or_tensorflow() -> None:
    code = (
        "import sys, pages, ui.guard, ui.card, ui.charts, ui.f1table, ui.jobbar, ui.steps, jobs.review, jobs.sample;"
        "print(sorted({'torch', 'transformers', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
