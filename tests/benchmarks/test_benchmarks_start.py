"""Tests that every benchmark starts as `python -m benchmarks.NAME` in the checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import all as page
from benchmarks.claims import MISSING
from tests.support.paths import ROOT

ASK_EACH_FOR_HELP = """
import contextlib, io, runpy, sys
for name in sys.argv[1:]:
    sys.argv, said = [name, "--help"], io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")
    print(name, "--quick" in said.getvalue())
"""


RUN_EACH = """
import contextlib, io, runpy, sys
for name in sys.argv[1:]:
    sys.argv, said, status = [name, "--quick"], io.StringIO(), None
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
            runpy.run_module(f"benchmarks.{name}", run_name="__main__")
    except SystemExit as end:
        status = end.code
    print(name, status, said.getvalue().strip())
"""
NEEDS = {  # the first words of what a benchmark says on a machine without it, and the benchmarks that need it
    "no SemEval-2018 files in ": (
        "ablation",
        "active",
        "augmentation",
        "backends",
        "doubt",
        "gain",
        "gates",
        "imports",
        "predict_speed",
        "relabel_quality",
        "train_quality",
        "train_speed",
        "twins",
    ),
    "no Qwen in ": ("prompt_injection", "relabel_speed"),
    "no Chromium on this machine; ": ("drill", "review_latency", "startup"),
}
NEEDS_NOTHING = {"concurrent_reviewers", "exports", "filters", "soak"}


@pytest.mark.processes
def test_every_benchmark_starts_and_has_the_option_quick() -> None:
    names = sorted(page.scripts())
    command = [sys.executable, "-W", "ignore", "-c", ASK_EACH_FOR_HELP, *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines() == [f"{name} True" for name in names], done.stderr


@pytest.mark.processes
def test_a_benchmark_says_in_one_sentence_what_this_machine_lacks(tmp_path: Path) -> None:
    lacking = {name: words for words, names in NEEDS.items() for name in names}
    assert lacking.keys() | NEEDS_NOTHING == page.scripts()
    absent = {"EMOCLF_DATA": str(tmp_path), "EMOCLF_QWEN": str(tmp_path / "none"), "PATH": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-c", RUN_EACH, *lacking]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **absent}, capture_output=True, text=True)
    said = done.stdout.splitlines()
    assert len(said) == len(lacking), done.stdout + done.stderr
    for (name, words), line in zip(lacking.items(), said, strict=True):
        assert line.startswith(f"{name} {MISSING} {words}")


def test_the_published_figures_stay_where_a_machine_lacks_what_a_benchmark_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    page.PAGE.write_text("# Benchmarks\n\n## gates\n\nfast\n")
    ended = SimpleNamespace(returncode=MISSING, stdout="")
    monkeypatch.setattr(page, "subprocess", SimpleNamespace(run=lambda *_, **__: ended, PIPE=None))
    monkeypatch.setattr(sys, "argv", ["all", "gates"])
    assert page.main() == 1
    assert page.PAGE.read_text() == "# Benchmarks\n\n## gates\n\nfast\n"


def test_all_runs_each_benchmark_as_a_module_of_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[list[str], Path]] = []

    def ran(command: list[str], cwd: Path, **_more: Any) -> SimpleNamespace:
        asked.append((command[1:], cwd))
        return SimpleNamespace(returncode=0, stdout=json.dumps({"quick": True, "claims": []}))

    monkeypatch.setattr(page, "subprocess", SimpleNamespace(run=ran, PIPE=None))
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(sys, "argv", ["all", "gates", "--quick"])
    assert page.main() == 0
    assert asked == [(["-m", "benchmarks.gates", "--quick"], ROOT)]
    assert "`python -m benchmarks.gates --quick`." in page.PAGE.read_text("utf-8")
