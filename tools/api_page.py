"""
Generates docs/api.md: every name in `emoclf.__all__` with its signature, its docstring and its fields.
"""

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator

import emoclf

FUNCTIONS = ("read_tweets", "clean", "train", "predict", "score", "compare", "doubt")  # in the order of a typical use
SHOWN = {  # the public members of classes that have others, which may change without notice
    "Classifier": ("base", "label_set", "thresholds", "load", "save"),
    "LabelSet": ("names", "check", "decode", "encode", "ordered"),
    "TrainingSettings": ("base", "batch_size", "epochs", "folds", "learning_rate", "max_length", "seed", "threads"),
}
QUOTES, BAR = "'\"", "\\|"
SECTION = re.compile(r"^(\w+)\n-{3,}\n", re.MULTILINE)  # a numpydoc heading


def page() -> str:
    """Return the page: the functions in the order of a typical use, then the classes and constants by name."""
    others = sorted(set(emoclf.__all__) - set(FUNCTIONS), key=str.lower)
    parts = ["## Functions\n", *(function(name) for name in FUNCTIONS), "## Classes and constants\n"]
    return "\n".join([*parts, *(other(name) for name in others)])


def function(name: str) -> str:
    """Return one function: its signature and its docstring as Markdown."""
    found = getattr(emoclf, name)
    return "\n".join([f"### {name}\n", "```python", signature(found), "```\n", markdown(inspect.getdoc(found) or "")])


def other(name: str) -> str:
    """Return one class with its fields and public methods, or one constant."""
    found = getattr(emoclf, name)
    if not inspect.isclass(found):
        return f"### {name}\n\nThe label set, a `{type(found).__name__}` of {', '.join(found.names)}.\n"
    lines = [f"### {name}\n", markdown(inspect.getdoc(found) or "")]
    if dataclasses.is_dataclass(found):
        lines += [
            "| field | type | meaning |",
            "|---|---|---|",
            *(_row(f"`{name}`", f"`{kind}`", text) for name, kind, text in fields(found)),
            "",
        ]
    if members := list(_members(found)):
        lines += ["| property or method | meaning |", "|---|---|", *members, ""]
    return "\n".join(lines)


def signature(found: object, before: str = "emoclf.") -> str:
    """Return the signature of a function or method, with one parameter per line if one line is too long.

    >>> signature(emoclf.clean)
    'emoclf.clean(text: str) -> str'
    """
    node = _tree(found)
    assert isinstance(node, ast.FunctionDef)
    parts = [part for part in _parameters(node.args) if part not in ("self", "cls")]
    returned = f") -> {ast.unparse(node.returns).strip(QUOTES)}" if node.returns else ")"
    line = f"{before}{node.name}({', '.join(parts)}{returned}"
    if len(line) <= 100:
        return line
    return "\n".join([f"{before}{node.name}(", *(f"    {part}," for part in parts), returned])


def _tree(found: object) -> ast.stmt:
    """Return the syntax tree of a function or class."""
    return ast.parse(textwrap.dedent(inspect.getsource(found))).body[0]  # type: ignore[arg-type]


def _parameters(arguments: ast.arguments) -> list[str]:
    """Return each parameter as written in the source, with its default."""
    defaults = [None] * (len(arguments.args) - len(arguments.defaults)) + list(arguments.defaults)
    parts = [ast.unparse(one) for one in arguments.args]
    found = [part + (f" = {ast.unparse(end)}" if end else "") for part, end in zip(parts, defaults, strict=True)]
    return found + ([f"*{ast.unparse(arguments.vararg)}"] if arguments.vararg else [])


def markdown(docstring: str) -> str:
    """Convert a numpydoc docstring to Markdown.

    >>> print(markdown("Add.\\n\\nParameters\\n----------\\nx : a number\\n    or two"))
    Add.
    <BLANKLINE>
    **Parameters**
    <BLANKLINE>
    - `x`: a number or two
    <BLANKLINE>
    """
    lead, *sections = SECTION.split(docstring)
    parts = [_examples_fenced(lead.strip()) + "\n"] if lead.strip() else []
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        text = _listed(body) if title in ("Parameters", "Raises") else _examples_fenced(body.strip())
        parts.append(f"**{title}**\n\n{text}\n")
    return "\n".join(parts)


def _listed(body: str) -> str:
    """Convert `name : meaning` to a list, each with the indented lines below it."""
    items = re.findall(r"^(\S[^:\n]*) : (.*(?:\n[ ]+.*)*)", body, re.MULTILINE)
    return "\n".join(f"- `{name}`: {' '.join(meaning.split())}" for name, meaning in items)


def _examples_fenced(text: str) -> str:
    """Put the examples into code blocks; the other text is unchanged."""
    blocks = []
    for block in re.split(r"\n\s*\n", text):
        prose, sign, example = block.partition(">>> ")
        blocks += [prose.strip()] if prose.strip() else []
        blocks += [f"```pycon\n{sign}{example}\n```"] if sign else []
    return "\n\n".join(blocks)


def fields(found: type) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and trailing comment of each public field of a dataclass, those of its base classes first."""
    for base in reversed(found.__mro__[:-1]):
        lines, tree = textwrap.dedent(inspect.getsource(base)).splitlines(), _tree(base)
        assert isinstance(tree, ast.ClassDef)
        for node in tree.body:
            if isinstance(node, ast.AnnAssign) and node.end_lineno and _is_shown(found, ast.unparse(node.target)):
                comment = lines[node.end_lineno - 1].partition("#")[2].strip()
                yield ast.unparse(node.target), ast.unparse(node.annotation), comment


def _is_shown(found: type, name: str) -> bool:
    return not name.startswith("_") and name in SHOWN.get(found.__name__, (name,))


def _row(*cells: str) -> str:
    """Return a row of a table, with `|` escaped in its cells."""
    return f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"


def _members(found: type) -> Iterator[str]:
    """Yield a row for each public method and property, with the first paragraph of its docstring."""
    for name, member in vars(found).items():
        is_method = inspect.isroutine(getattr(found, name))
        if _is_shown(found, name) and (is_method or isinstance(member, property)):
            called = signature(getattr(found, name), "") if is_method else name
            yield _row(f"`{called}`", " ".join((inspect.getdoc(member) or "").partition("\n\n")[0].split()))
