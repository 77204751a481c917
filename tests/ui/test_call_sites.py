"""Tests of the code of the pages: what Streamlit parses as Markdown is a literal, a number, escaped, or reviewed here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

FILES = sorted([*(ROOT / "pages").glob("*.py"), *(ROOT / "ui").rglob("*.py")])
# Which arguments of an element are parsed as Markdown: positions and names. Others are plain text, numbers or keys.
LABEL: tuple[set[int], set[str]] = ({0}, {"label", "body", "text", "help", "captions", "delta"})
OPTIONS: tuple[set[int], set[str]] = ({0, 1}, {*LABEL[1], "options", "format_func"})
MARKDOWN = {
    **dict.fromkeys(("caption", "markdown", "write", "title", "header", "subheader", "html", "table"), LABEL),
    **dict.fromkeys(("info", "warning", "error", "success", "toast", "exception", "spinner", "status"), LABEL),
    **dict.fromkeys(("button", "form_submit_button", "download_button", "link_button", "popover", "expander"), LABEL),
    **dict.fromkeys(("checkbox", "toggle", "selectbox", "multiselect", "text_input", "text_area"), LABEL),
    **dict.fromkeys(("number_input", "slider", "metric", "file_uploader", "tabs"), LABEL),
    **dict.fromkeys(("radio", "segmented_control", "pills"), OPTIONS),
    "progress": ({1}, LABEL[1]),
    "page_link": (set(), LABEL[1]),
}
SAFE_CALLS = {"escape", "percent", "len", "sum", "round", "max", "min", "int"}
SAFE_NAMES = {"emotion", "split", "sizes", "n", "tweets"}  # of the label set, the splits, and counts
# What was read by a person: the value is made of words of the program and numbers, or escaped where it is made.
REVIEWED: dict[str, set[str]] = {}


def names_of_the_program(node: ast.expr) -> bool:
    """Whether an expression is a constant of a module, such as ALL or EMOTIONS.names."""
    names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
    return bool(names) and all(name.isupper() or name in ("list", "settings") or name[:1].isupper() for name in names)


def is_safe(node: ast.expr) -> bool:
    """Whether an expression can hold no text of other people, or only escaped text."""
    if isinstance(node, ast.Constant) or names_of_the_program(node):
        return True
    if isinstance(node, ast.FormattedValue):
        spec = ast.unparse(node.format_spec) if node.format_spec else ""
        return spec.rstrip("'\"").endswith((",", "f", "%", "d")) or is_safe(node.value)
    if isinstance(node, ast.JoinedStr):
        return all(map(is_safe, node.values))
    if isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        return called in SAFE_CALLS or (called == "list" and all(map(is_safe, node.args)))
    if isinstance(node, ast.IfExp):
        return is_safe(node.body) and is_safe(node.orelse)
    if isinstance(node, ast.BinOp):
        return is_safe(node.left) and is_safe(node.right)
    if isinstance(node, ast.List | ast.Tuple):
        return all(is_safe(one.value if isinstance(one, ast.Starred) else one) for one in node.elts)
    if isinstance(node, ast.Attribute):
        return node.attr in ("id", "version")
    return isinstance(node, ast.Name) and node.id in SAFE_NAMES


def shown_as_markdown(source: str) -> Iterator[tuple[int, ast.expr]]:
    """The arguments in a module that an element of Streamlit parses as Markdown, each with its line."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        is_log = isinstance(node.func.value, ast.Name) and node.func.value.id in ("log", "archive")
        if node.func.attr not in MARKDOWN or is_log:
            continue
        places, names = MARKDOWN[node.func.attr]
        for place, argument in enumerate(node.args):
            if place in places:
                yield argument.lineno, argument
        for keyword in node.keywords:
            if keyword.arg in names:
                yield keyword.value.lineno, keyword.value


def unsafe(source: str) -> dict[str, int]:
    """The arguments that could hold text of other people, each with its line."""
    return {ast.unparse(node): line for line, node in shown_as_markdown(source) if not is_safe(node)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_page_shows_as_markdown_is_escaped_or_reviewed(path: Path) -> None:
    found = unsafe(path.read_text("utf-8"))
    assert found.keys() == REVIEWED.get(path.relative_to(ROOT).as_posix(), set()), found


@pytest.mark.parametrize(
    "line",
    [
        "st.error(str(error))",
        "column.caption(f'from {name}')",
        "st.radio('x', names)",
        "st.button('a', help=words)",
        "st.expander(label=f'{count:,} {run.name}')",
        "st.info('a' + text)",
        "st.progress(0.5, text=job.message)",
    ],
)
def test_a_text_that_is_not_escaped_would_be_found(line: str) -> None:
    assert unsafe(f"import streamlit as st\n{line}")


@pytest.mark.parametrize(
    "line",
    ["st.error('no')", "st.caption(escape(name))", "st.write(f'{n:,} of {escape(name)}')", "st.text(tweet.text)"],
)
def test_escaped_and_plain_text_is_accepted(line: str) -> None:
    assert not unsafe(line)
