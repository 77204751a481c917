"""Tests of text of other people: wherever a page shows it, it appears as it was written, never as markup or a link."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from streamlit.testing.v1 import AppTest

from db import filters, generations
from db.generations import Round, Written
from db.jobs import add_job, end_job, get_job
from db.store import Store
from db.suggestions import add_suggestions
from db.tweets import add_tweets
from emoclf.labels import EMOTIONS
from emoclf.review.filters import Filter
from emoclf.review.guidelines import Guideline
from emoclf.synthetic.gate_results import GateResult
from emoclf.tweets import Tweet
from jobs.files import corpora
from jobs.review import bulk, guidelines, review_card
from tests.support.decisions import decide
from tests.support.pages import Started
from tests.support.runs import add_run_with_predictions, originals, probabilities
from ui.plain_text import escape
from ui.shell import PAGES
from ui.uploads import take

NASTY = "http://evil.test :tada: :red[x] $x$ <b> ![i](j)"
# What Streamlit replaces in text after Markdown is parsed: links and addresses (remark-gfm), emoji, icons, symbols.
REPLACED = (
    r"https?://[-.\w]+",
    r"www\.[-.\w]+",
    r"(?:^|(?<=[\s\W_]))[-.\w+]+@[-\w]+(?:\.[-\w]+)+",
    r":\+1:|:-1:|:[\w-]+:",
    r":material/\w+:",
    r"(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)",
)
MARKUP = re.compile(r"(?<!\\)(?:\\\\)*[`*_{}\[\]<>~$|&]")
DIRECTIVE = re.compile(r":[A-Za-z]")
# Fields of elements that the browser shows as they are: values and options of inputs, plain text, code, file names.
SHOWN_AS_WRITTEN = {
    "Text.body",
    "Code.code_text",
    "Selectbox.options",
    "Selectbox.raw_value",
    "TextInput.default",
    "TextInput.value",
    "TextArea.default",
    "TextArea.value",
}
NEVER_SHOWN = {"id", "form_id", "key", "user_key"}  # identifiers may contain a name; components get theirs as JSON
JSON = {"BidiComponent", "IFrame"}


def strings(message: Any) -> Iterator[tuple[str, str]]:
    """The text fields of a message of Streamlit to the browser, as `Element.field` and text."""
    for field, value in message.ListFields():
        name = f"{message.DESCRIPTOR.name}.{field.name}"
        if message.DESCRIPTOR.name in JSON or field.name in NEVER_SHOWN or name in SHOWN_AS_WRITTEN:
            continue
        repeated = hasattr(value, "__iter__") and not isinstance(value, str | bytes)
        for one in value if repeated else [value]:
            if field.type == FieldDescriptor.TYPE_MESSAGE and hasattr(one, "ListFields"):
                yield from strings(one)
            elif isinstance(one, str):
                yield name, one


def elements(block: Any) -> Iterator[Any]:
    """Every element of a page, also those in containers."""
    for child in getattr(block, "children", {}).values():
        yield child
        yield from elements(child)


def unsafe(page: AppTest) -> list[tuple[str, str]]:
    """The texts of a page in which the nasty text is not escaped."""
    shown = [pair for one in elements(page._tree) if one.proto is not None for pair in strings(one.proto)]
    return [(where, text) for where, text in shown if "evil.test" in text.replace(escape(NASTY), "")]


@pytest.fixture
def nasty(filled: Store, tmp_path: Path, started: Started) -> Store:
    """A store in which everything that people or files can name is called the nasty text."""
    with filled.writing() as session:
        add_tweets(session, [Tweet(NASTY, f"{NASTY} and more", frozenset({"joy", "sadness"}))])
        add_suggestions(session, NASTY, "1", [(i, [0.9] * len(EMOTIONS)) for i in range(1, 6)])
        filters.save(session, NASTY, Filter(emotion="joy", source="original"))
        for kind in ("suggest", "explain", "generate", "train", "predict", "accept", "undo", "export_run", "estimate"):
            end_job(session, get_job(session, add_job(session, kind, {"engine": NASTY})), "failed", NASTY, {})
        job = add_job(session, "generate", {})
        gates = [[GateResult("format", True)], [GateResult("x", False, reason=NASTY)]]
        tweets = [Written(NASTY, frozenset({"joy"}), "joy", NASTY, {}, results) for results in gates]
        generations.add_round(session, Round(job, 0, NASTY, "write-1", [], {}, 1, []), tweets)
    (tmp_path / "moods.tsv").write_text("so quiet\t0\nwhat a din\t1\n")
    corpora.import_corpus(filled, tmp_path / "moods.tsv", NASTY, (NASTY, "cross"), licence=NASTY)
    for name, labels in ((NASTY, "joy"), (NASTY[::-1], "fear")):
        review_card.save_events(filled, name, [decide(f"{labels}{i}", i, labels) for i in (1, 2)])
    guidelines.edit(filled, "anger", Guideline(NASTY, (NASTY, NASTY), (NASTY, NASTY)), NASTY, 0)
    said = [(i, probabilities(joy=0.6)) for i in (1, 2, 4)]
    for _ in range(2):
        add_run_with_predictions(filled, originals(1, 2, 3), said, name=NASTY, base=NASTY, settings={"base": NASTY})
    return filled


@pytest.mark.parametrize("name", [name for name, *_ in PAGES])
def test_no_page_shows_a_name_or_text_of_other_people_as_markup(app: AppTest, nasty: Store, name: str) -> None:
    page = app.switch_page(f"pages/{name}.py").run()
    assert not page.exception
    assert unsafe(page) == []


@pytest.mark.parametrize("view", ["Check", "Dropped", "Figures"])
def test_no_view_of_synthetic_tweets_shows_their_text_as_markup(app: AppTest, nasty: Store, view: str) -> None:
    page = app.switch_page("pages/synthetic.py").run()
    page.button_group[0].set_value(view).run()
    assert not page.exception
    assert unsafe(page) == []


def test_a_batch_that_is_named_like_markup_is_shown_as_it_was_named(app: AppTest, many: Store) -> None:
    bulk.draw_sample(many, Filter(text="happy"), "suggestion", 10, NASTY, NASTY)
    page = app.switch_page("pages/bulk.py").run()
    assert NASTY in [one.value for one in page.text]
    assert unsafe(page) == []


@pytest.mark.parametrize(
    "foreign",
    [
        NASTY,
        "see https://evil.test/a?b=c, WWW.evil.test or _www.evil.test",
        "write to a.b+c@evil.test or mailto:me@evil.test",
        ":smile: :+1: :-1: :100: :material/home: :streamlit: :red :blue-badge[x] ::leaf :::container",
        "a -> b <- c -- d >= e <= f ~= g <-> h",
        "-> x",
        "\\http://evil.test \\:tada: \\[l](http://evil.test)",
        "| a | b | ~~s~~ `c` &lt; <script>alert(1)</script>",
    ],
)
def test_nothing_that_streamlit_replaces_is_left_in_escaped_text(foreign: str) -> None:
    shown = escape(foreign)
    assert not MARKUP.search(shown)
    assert not DIRECTIVE.search(shown)
    read = re.sub(r"\\(\W|_)", r"\1", shown)  # the text after Markdown is parsed
    assert [pattern for pattern in REPLACED if re.search(pattern, read, re.IGNORECASE)] == []
    assert read.replace("\u2060", "") == " ".join(foreign.split())


@pytest.mark.parametrize("foreign", ["# head", "- item", "+ item", "1. item", "2) item", "> quote", "=== ", "---"])
def test_nothing_at_the_start_of_a_text_makes_it_a_heading_or_a_list(foreign: str) -> None:
    assert re.match(r"\u2060|\\", escape(foreign))


def test_ordinary_text_is_not_changed() -> None:
    for words in ("a.csv: 3 imported, 0 rejected", "at 10:30", "sqlite:////tmp/emoclf.db", "1 of 2 tweets (50.0 %)"):
        assert escape(words) == words


def test_a_refused_file_with_markup_in_its_name_and_header_is_shown_as_it_was_written(store: Store) -> None:
    content = b"text,![x](http://evil.test/a.png),joy,calm :tada:\na,b,1,0\nc,d,0,1\n"
    words = escape(take(store, f"{NASTY.split('//')[0]} ![i](j).csv", content, None).words)
    assert "evil.test" in words
    assert not MARKUP.search(words)
    assert not any(re.search(pattern, words) for pattern in REPLACED)
