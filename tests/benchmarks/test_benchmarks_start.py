"""Tests that every benchmark starts as `python -m benchmarks.NAME` in the checkout."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import all as page
from tests.support.paths import ROOT

ASK_EACH_FOR_HELP = """
import contextlib, io, runpy, sys
for name in sys.argv[1:]:
    sys.argv, said = [name, "--help"], io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        runpy.run_module(f"benchmarks.{name}", run_name="__main__")
    print(name, "--quick" in said.getvalue())
"""


@pytest.mark.processes
def test_every_benchmark_starts_and_has_the_option_quick() -> None:
    names = sorted(page.scripts())
    command = [sys.executable, "-W", "ignore", "-c", ASK_EACH_FOR_HELP, *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines() == [f"{name} True" for name in names], done.stderr


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
