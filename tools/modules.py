"""
Generates the tables and drawings of docs/architecture.md: the first line of every module, and the imports of packages.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LAYERS = ("commands", "pages", "ui", "jobs", "db", "emoclf")
FOLDERS = (".", *LAYERS, "benchmarks", "tools")
UNREAD = {"migrations", "__pycache__", "node_modules"}


def tables(root: Path = Path()) -> str:
    """Return a heading and a table per folder and package."""
    return "\n".join(_table(root, folder) for folder in _folders(root))


def _folders(root: Path) -> Iterator[Path]:
    for name in FOLDERS:
        folder = root / name
        yield folder
        if name != ".":
            yield from (p for p in sorted(folder.rglob("*")) if p.is_dir() and not UNREAD & set(p.parts))


def _table(root: Path, folder: Path) -> str:
    path = folder.relative_to(root)
    title = "The root" if folder == root else f"`{path.as_posix()}/`"
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in (".py", ".js")]
    rows = [f"| `{path.name}` | {first_paragraph(path)} |" for path in paths if path.name != "__init__.py"]
    package = [first_paragraph(path) + "\n" for path in paths if path.name == "__init__.py" and first_paragraph(path)]
    listed = ["| module | what it is for |", "|---|---|", *rows, ""] if rows else []
    return "\n".join([f"{'#' * (1 + max(1, len(path.parts)))} {title}\n", *package, *listed])


def first_paragraph(path: Path) -> str:
    """Return the first paragraph of a module's documentation, on one line."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        words = source.partition("/*")[2].partition("*/")[0].strip().partition("\n\n")[0]
        return words.partition(". ")[0].replace("\n", " ").removesuffix(".") + "."
    return " ".join((ast.get_docstring(ast.parse(source)) or "").partition("\n\n")[0].split())


def modules(root: Path, folders: tuple[str, ...] = LAYERS) -> dict[str, Path]:
    """Return the file of every module in these folders, by its dotted name."""
    paths = [path for name in folders for path in sorted((root / name).rglob("*.py")) if not UNREAD & set(path.parts)]
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """Return the known modules that a file imports, including imports inside functions."""
    found = names_imported(path) & known.keys()
    return {name for name in found if known[name] != path and known[name].name != "__init__.py"}


@cache
def names_imported(path: Path) -> frozenset[str]:
    """Return the full names of all imports of a file, also inside functions: of `from a import b`, `a` and `a.b`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return frozenset(found)


def package_of(module: str) -> str:
    """Return the package of a module, at most two levels deep; the files in the root of `emoclf` or `jobs` are one
    package.

    >>> package_of("emoclf.backends.on_torch.network"), package_of("jobs.runner"), package_of("ui.guard")
    ('emoclf.backends', 'jobs', 'ui')
    """
    return ".".join(module.split(".")[:-1][:2])


def package_arrows(root: Path = Path(), folders: tuple[str, ...] = LAYERS) -> set[tuple[str, str]]:
    """Return which package imports which, over all modules in these folders."""
    known = modules(root, folders)
    arrows = {(package_of(name), package_of(other)) for name, path in known.items() for other in imports(path, known)}
    return {(one, other) for one, other in arrows if one and one != other}  # `emoclf` itself only lists public names


def drawing(root: Path = Path()) -> str:
    """Return two Mermaid drawings: the layers, and the packages of `emoclf`."""
    layers = {(one.split(".")[0], other.split(".")[0]) for one, other in package_arrows(root)}
    inside = package_arrows(root, ("emoclf",))
    return "\n".join([_mermaid({(a, b) for a, b in layers if a != b}), _mermaid(inside)])


def _mermaid(arrows: set[tuple[str, str]]) -> str:
    short = {(one.removeprefix("emoclf."), other.removeprefix("emoclf.")) for one, other in arrows}
    lines = [f"    {one} --> {other}" for one, other in sorted(short)]
    return "\n".join(["```mermaid", "graph TD", *lines, "```", ""])
