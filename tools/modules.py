"""
Modules: the first line of every module's docstring, as the tables of docs/architecture.md.
"""

import ast
from pathlib import Path

FOLDERS = (".", "pages", "ui", "jobs", "db", "emoclf", "benchmarks", "tools")


def tables(root: Path = Path()) -> str:
    """A heading and a table per folder."""
    return "\n".join(table(root / folder, "the top" if folder == "." else folder) for folder in FOLDERS)


def table(folder: Path, title: str) -> str:
    """One folder's modules, each with what it is for."""
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in (".py", ".js")]
    rows = [f"| `{path.name}` | {first_paragraph(path)} |" for path in paths if path.name != "__init__.py"]
    package = [first_paragraph(path) + "\n" for path in paths if path.name == "__init__.py" and first_paragraph(path)]
    return "\n".join([f"## {title}\n", *package, "| module | what it is for |", "|---|---|", *rows, ""])


def first_paragraph(path: Path) -> str:
    """The first sentence or two of a module, on one line."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        words = source.partition("/*")[2].partition("*/")[0].strip().partition("\n\n")[0]
        return words.partition(". ")[0].replace("\n", " ").removesuffix(".") + "."
    return " ".join((ast.get_docstring(ast.parse(source)) or "").partition("\n\n")[0].split())
