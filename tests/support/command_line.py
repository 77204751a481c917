"""Runs commands like the command line, and reads their output."""

import json
from typing import Any

import pytest

import cli


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The output of a successful command with --json."""
    assert cli.main([*arguments, "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))
