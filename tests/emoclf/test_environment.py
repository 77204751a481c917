"""Tests of the environment variables: one module reads them, and the documentation lists them."""

import ast
import re
from pathlib import Path

import pytest

from emoclf import environment
from emoclf.errors import EmoclfError, SettingError
from tests.support.paths import ROOT

READER = "emoclf/environment.py"
EXCEPTIONS = {"emoclf/hub/tensorflow_library.py"}  # sets a variable that TensorFlow reads while it is imported
FOLDERS = ("emoclf", "db", "jobs", "ui", "pages", "commands")
FILES = [ROOT / "app.py", ROOT / "cli.py", *(path for name in FOLDERS for path in sorted((ROOT / name).rglob("*.py")))]


def uses_environment(source: str) -> bool:
    """Whether Python code names the environment: `os.environ`, `os.getenv` and the like, however they are imported."""
    names = {"environ", "environb", "getenv", "getenvb", "putenv"}
    nodes = list(ast.walk(ast.parse(source)))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    imported = {name.name for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names}
    return bool(names & (attributes | imported))


def test_only_one_module_reads_the_environment() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in FILES if uses_environment(path.read_text("utf-8"))}
    assert found == {READER} | EXCEPTIONS


@pytest.mark.parametrize("line", ["import os; os.getenv('A')", "from os import environ", "import os as o; o.environ"])
def test_a_module_that_reads_the_environment_would_be_found(line: str) -> None:
    assert uses_environment(line)


def test_every_variable_that_the_program_names_is_one_that_the_module_reads() -> None:
    named = {name for path in FILES for name in re.findall(r"\bEMOCLF_[A-Z_]+\b", path.read_text("utf-8"))}
    named |= set(re.findall(r"\bEMOCLF_[A-Z_]+\b", (ROOT / "README.md").read_text("utf-8")))
    tables = (environment.VARIABLES, environment.LIBRARY_VARIABLES, environment.DEVELOPER_VARIABLES)
    assert named <= {one.name for table in tables for one in table}


def test_the_documentation_describes_every_variable() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    for variables in (environment.VARIABLES, environment.LIBRARY_VARIABLES, environment.DEVELOPER_VARIABLES):
        assert environment.table(variables) in page


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    assert environment.database_url({}) == "sqlite:///emoclf.db"
    assert environment.runs_folder({}) is None
    assert environment.log_level({}) == "info"
    assert environment.threads({}) == 2
    assert environment.openai_key({}) == ""
    assert environment.openai_requests_at_once({}) == 8
    assert environment.tfhub_cache({}).name == "tfhub_modules"
    assert environment.secrets({}) == []


def test_a_variable_that_is_set_is_used() -> None:
    assert environment.database_url({"EMOCLF_DB": "sqlite:///a.db"}) == "sqlite:///a.db"
    assert environment.runs_folder({"EMOCLF_RUNS": "there"}) == Path("there")
    assert environment.log_level({"EMOCLF_LOG": " Debug "}) == "debug"
    assert environment.tfhub_cache({"TFHUB_CACHE_DIR": "there"}) == Path("there")
    assert environment.secrets({"EMOCLF_OPENAI_KEY": "sk-1 ", "HF_TOKEN": "hf-2"}) == ["sk-1", "hf-2"]


def test_a_value_that_cannot_be_used_is_named_in_one_sentence() -> None:
    with pytest.raises(SettingError, match="EMOCLF_LOG is 'loud'; set it to info or debug"):
        environment.log_level({"EMOCLF_LOG": "loud"})
    with pytest.raises(EmoclfError, match="EMOCLF_OPENAI_AT_ONCE is '0'; give it a whole number from 1 to 256"):
        environment.openai_requests_at_once({"EMOCLF_OPENAI_AT_ONCE": "0"})


def test_a_child_process_gets_the_environment_with_what_is_added() -> None:
    given = environment.child_environment({"EMOCLF_DB": "b"}, "root", {"EMOCLF_DB": "a", "HOME": "h"})
    assert given == {"EMOCLF_DB": "b", "HOME": "h", "PYTHONPATH": "root"}
