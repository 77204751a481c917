"""Running a command as the command line does, and reading what it prints."""

import json
from typing import Any

import pytest

import cli


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """What a command that succeeds prints with --json."""
    assert cli.main([*arguments, "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))
