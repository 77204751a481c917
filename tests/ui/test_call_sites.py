"""Tests of the code of the pages: what Streamlit parses as Markdown is a literal, a number, escaped or reviewed."""

import ast
from collections.abc import Iterator, Mapping
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
SHOWN = 40  # characters that identify an expression
# What was read by a person: the value is made of words of the program and numbers, or escaped where it is made.
REVIEWED: dict[str, set[str]] = {
    "pages/data.py": {"f'The first {len(items):,} of {sizes[sho"},
    "pages/suggest.py": {"f'At {rate:.1f} tweets per second, the {", "f'Try {engine_check.TRIAL_TWEETS} tweets"},
    "ui/f1_table.py": {"f'{scores.n:,} dev tweets, scored on {ta", "rows(compared)", "words"},
    "ui/imports/columns.py": {"label"},
    "ui/imports/file_preview.py": {"name"},
    "ui/imports/import_list.py": {"f'Split of import {number}: {escape(foun", "label"},
    "ui/imports/section.py": {"REMEDIES[option]"},
    "ui/job_bar.py": {"f'{tweets} got no answer in the last {na", "words"},
    "ui/links.py": {"label"},
    "ui/paper/save.py": {"label"},
    "ui/review/agreement.py": {"STYLE + table(comparable, split)", "f'{pair[0]} and {pair[1]} disagree about"},
    "ui/review/bulk.py": {
        "[_available(found, one) for one in found",
        "_by_emotion(known.by_emotion)",
        "found.sources",
        "label",
        "words",
    },
    "ui/review/filter_form.py": {"f'The linked tweet is in {start}, but th", "label", "splits"},
    "ui/review/findings.py": {"nothing"},
    "ui/review/guidelines.py": {"f'{one.found:,} {split} {_tweets(one.fou", "label"},
    "ui/review/outlook.py": {"_basis(ahead, split)"},
    "ui/review/reviewer_figures.py": {
        "' '.join(_repairs_in_words(found, split)",
        "_no_sides(found.get(('', split)), split)",
        "rows",
        "text",
    },
    "ui/review/shares.py": {"label"},
    "ui/runs/comparison.py": {"f\"Run {run.id} is degenerate. {' '.join(", "rows(found)", "table"},
    "ui/runs/inspected_run.py": {"lambda split: f'{SPLITS[split]} ({splits", "list(splits)"},
    "ui/runs/run_views.py": {"f'{len(unseen):,} tweets. Rows are the l", "name", "table", "words"},
    "ui/runs/synthetic_choice.py": {"labels.get", "offered"},
    "ui/runs/train_form.py": {
        "choices(TrainSettings, 'labels')",
        "f'{found.tweets:,} tweets, {found.steps:",
        "field.effect",
        "field.label",
        "lambda name: f'{name}: {LABELS[name]}'",
    },
    "ui/steps.py": {"f'Next: {title}'", "f'{i + 1} · {step.title}'", "step.words"},
    "ui/synthetic/figures.py": {"f'By {title}'"},
    "ui/synthetic/write_form.py": {"label", "shown"},
    "ui/unlabelled.py": {"f'**{i + 1} · {step.title}**'", "f'{label}: {step.title}'", "step.words"},
    "ui/uploads.py": {"[AS_SHOWN, *options]", "label"},
}


def is_of_the_program(node: ast.expr) -> bool:
    """Whether an expression is a constant of a module, such as ALL or EMOTIONS.names."""
    names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
    return bool(names) and all(name.isupper() or name in ("list", "settings") or name[:1].isupper() for name in names)


def is_safe(node: ast.expr, known: Mapping[str, list[ast.expr]]) -> bool:
    """Whether an expression can hold no text of other people, or only escaped text.

    `known` holds the values of the names that are only assigned in the module.
    """
    inner: list[ast.expr] = []
    match node:
        case ast.Constant():
            return True
        case ast.FormattedValue(value=value, format_spec=spec):
            is_number = spec is not None and ast.unparse(spec).rstrip("'\"").endswith((",", "f", "%", "d"))
            return is_number or is_safe(value, known)
        case ast.Call(func=ast.Name(id=name)) if name in SAFE_CALLS:
            return True
        case ast.Attribute(attr=name) if name in ("id", "version"):
            return True
        case ast.Name(id=name) if name in SAFE_NAMES:
            return True
        case ast.Name(id=name) if name in known:
            rest = {other: values for other, values in known.items() if other != name}
            return all(is_safe(value, rest) for value in known[name])
        case ast.JoinedStr(values=inner) | ast.List(elts=inner) | ast.Tuple(elts=inner) | ast.BoolOp(values=inner):
            pass
        case ast.Call(func=ast.Name(id="list"), args=inner):
            pass
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            inner = [one, other]
        case ast.Starred(value=one):
            inner = [one]
        case _:
            return is_of_the_program(node)
    return is_of_the_program(node) or all(is_safe(one, known) for one in inner)


def assigned_names(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """The values of each name that the module assigns, and never binds in another way, such as a parameter."""
    nodes = list(ast.walk(tree))
    bound = {one.arg for one in nodes if isinstance(one, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.For | ast.comprehension | ast.withitem | ast.NamedExpr | ast.AugAssign):
            target = node.optional_vars if isinstance(node, ast.withitem) else node.target
            bound |= {one.id for one in ast.walk(target) if isinstance(one, ast.Name)} if target else set()
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    for one, value in zip(target.elts, node.value.elts, strict=False):
                        found.setdefault(one.id if isinstance(one, ast.Name) else "", []).append(value)
                else:
                    bound |= {one.id for one in ast.walk(target) if isinstance(one, ast.Name)}
    return {name: values for name, values in found.items() if name not in bound}


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
    known = assigned_names(ast.parse(source))
    return {ast.unparse(node): line for line, node in shown_as_markdown(source) if not is_safe(node, known)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_page_shows_as_markdown_is_escaped_or_reviewed(path: Path) -> None:
    reviewed = REVIEWED.get(path.relative_to(ROOT).as_posix(), set())
    found = {text: line for text, line in unsafe(path.read_text("utf-8")).items() if text[:SHOWN] not in reviewed}
    assert found == {}, "escape it with ui.plain_text.escape, or read where it comes from and list it in REVIEWED"


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
