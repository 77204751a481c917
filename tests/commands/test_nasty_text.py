"""Tests of text of other people in the terminal: whatever a command prints, it holds no invisible character."""

import argparse
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import cli
from commands.jobs import bar
from commands.main import make_parser
from db import filters, generations
from db.generations import Round, Written
from db.jobs import add_job, end_job, get_job
from db.store import Store
from db.suggestions import add_suggestions
from db.tweets import add_tweets
from emoclf.errors import EngineError
from emoclf.labels import EMOTIONS
from emoclf.progress import Progress
from emoclf.review.filters import Filter
from emoclf.synthetic.gate_results import GateResult
from emoclf.text.visible import visible
from emoclf.tweets import Tweet
from jobs import logs
from jobs.review import bulk
from tests.support.runs import add_run_with_predictions, originals, probabilities

NASTY = "a\x1b[31m\x9b1m\r\b\u202eb\u2066c\u200b\x7f\ne"  # colours, a new line over the old one, reversed letters


def commands(
    parser: argparse.ArgumentParser, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Every command with its parser."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if above:
        yield above, parser
    for action in below:
        for name, inner in action.choices.items():
            yield from commands(inner, (*above, name))


COMMANDS = {" ".join(names): parser for names, parser in commands(make_parser())}


def required(parser: argparse.ArgumentParser, text: str) -> list[str]:
    """The arguments that a command must have: a number where only a number is read, else the text."""
    given: list[str] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            continue
        value = next(iter(action.choices)) if action.choices else "1" if action.type is not None else text
        if not action.option_strings and action.nargs not in ("?", "*"):
            given.append(str(value))
        elif action.required:
            given += [action.option_strings[0], str(value)]
    return given


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints, without the carriage returns and blanks with which a progress bar draws itself again."""
    with suppress(SystemExit):
        cli.main(list(arguments))
    said = capsys.readouterr()
    return said.out + re.sub(r"\r[^\r\n]*\|[^\r\n]*", "", said.err)


def is_visible(text: str) -> bool:
    """Whether a terminal shows every character of a text as it is."""
    return all(visible(line) == line for line in text.split("\n"))


def strings(value: object) -> list[str]:
    """Every text in a JSON value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] if isinstance(value, str) else [found for one in inner for found in strings(one)]


@pytest.fixture
def nasty(many: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Store:
    """A store in which everything that people, files or servers can name is called the nasty text."""
    (tmp_path / f"{NASTY}.csv").write_text(
        f'text,labels\n"one {NASTY} tweet",joy\nsecond one,"joy {NASTY}"\n', newline=""
    )
    cli.main(["import", str(tmp_path / f"{NASTY}.csv")])
    with many.writing() as session:
        add_tweets(session, [Tweet(NASTY, f"{NASTY} and more", frozenset({"joy", "sadness"}))])
        add_suggestions(session, NASTY, "1", [(i, [0.9] * len(EMOTIONS)) for i in range(1, 6)])
        filters.save(session, NASTY, Filter(emotion="joy", source="original"))
        for kind in ("suggest", "generate", "train"):
            end_job(session, get_job(session, add_job(session, kind, {"engine": NASTY})), "failed", NASTY, {})
        gates = [[GateResult("x", False, reason=NASTY)]]
        tweets = [Written(NASTY, frozenset({"joy"}), "joy", NASTY, {}, results) for results in gates]
        generations.add_round(
            session, Round(add_job(session, "generate", {}), 0, NASTY, "write-1", [], {}, 1, []), tweets
        )
    bulk.draw_sample(many, Filter(text="happy"), "suggestion", 10, NASTY, NASTY)
    for _ in range(2):
        said = [(i, probabilities(joy=0.6)) for i in (1, 2, 4)]
        add_run_with_predictions(many, originals(1, 2, 3), said, name=NASTY, base=NASTY, settings={"base": NASTY})
    capsys.readouterr()
    return many


def test_no_command_prints_an_invisible_character(
    nasty: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EngineError(f"the job says {NASTY}")

    monkeypatch.setattr("jobs.runner.execute", fail)  # jobs of models take long
    shown = {}
    for name, parser in COMMANDS.items():
        if name == "sample":
            continue  # prints no text of other people, and takes long
        files = [str(tmp_path / f"{NASTY}.csv")] if name in ("import", "auxiliary", "export", "evaluate") else []
        numbers = [] if name.startswith("runs ") else ["1"]  # the figures of real runs take long
        for given in {(*name.split(), *required(parser, text)): None for text in (NASTY, *numbers, *files)}:
            shown[given] = printed(capsys, *given)
            assert is_visible(shown[given]), (given, shown[given])
    escaped = r"a\x1b[31m\x9b1m\r\x08\u202eb"
    assert all(escaped in shown[(name,)] for name in ("runs", "batches", "jobs"))


def test_json_stays_json_with_the_text_as_it_is(nasty: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("runs", "batches", "jobs", "imports"):
        out = printed(capsys, name, "--json").strip()
        assert is_visible(out)
        assert NASTY in strings(json.loads(out)) or name == "imports"


def test_an_argument_that_cannot_be_parsed_is_shown_with_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(capsys, "queue", "--limit", NASTY) + printed(capsys, NASTY) + printed(capsys, "jobs", NASTY)
    assert is_visible(said)
    assert said.count(r"\x1b[31m") >= 3


def test_an_unexpected_error_and_a_log_line_are_escaped(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EMOCLF_LOG", "debug")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(NASTY)

    monkeypatch.setattr("commands.jobs.list_jobs", fail)
    assert is_visible(printed(capsys, "jobs"))
    [log] = (tmp_path / "runs" / "logs").glob("cli-*.log")
    logs.log_unexpected(KeyError(NASTY), NASTY)
    written = log.read_bytes().decode()
    assert is_visible(written)
    assert r"RuntimeError: a\x1b[31m" in written


def test_the_message_of_a_progress_bar_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    with bar() as draw:
        draw(Progress(1, 2, NASTY))
    said = capsys.readouterr().err
    assert r"\x1b[31m" in said
    assert is_visible(said.replace("\r", ""))
