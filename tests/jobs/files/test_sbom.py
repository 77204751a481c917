"""Tests of the bill of materials: every installed package is in it, in the form that tools read."""

import json
import re
from importlib.metadata import distributions, version
from pathlib import Path

import pytest

from emoclf.errors import DataFileError
from jobs.files.sbom import bill_of_materials, write_sbom
from tests.support.command_line import answer


def test_every_installed_package_is_listed_with_its_version_and_what_it_needs() -> None:
    found = bill_of_materials(distributions())
    assert (found["bomFormat"], found["specVersion"], found["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", found["serialNumber"])
    by_ref = {one["bom-ref"]: one for one in found["components"]}
    assert len(by_ref) == len(found["components"])
    sqlalchemy = by_ref[f"pkg:pypi/sqlalchemy@{version('sqlalchemy')}"]
    assert sqlalchemy["version"] == version("sqlalchemy")
    assert sqlalchemy["licenses"]
    needs = {one["ref"]: one["dependsOn"] for one in found["dependencies"]}
    assert f"pkg:pypi/typing-extensions@{version('typing-extensions')}" in needs[sqlalchemy["bom-ref"]]
    assert {ref for refs in needs.values() for ref in refs} <= by_ref.keys()
    assert found == bill_of_materials(distributions())


def test_most_packages_state_a_licence_of_one_line() -> None:
    components = bill_of_materials(distributions())["components"]
    stated = [one["licenses"] for one in components if "licenses" in one]
    assert len(stated) > 0.8 * len(components)
    assert all("\n" not in json.dumps(one, ensure_ascii=False) for one in stated)


@pytest.mark.usefixtures("store")
def test_the_command_writes_the_bill_to_a_new_file_and_lists_licences(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "sbom.json"
    said = answer(capsys, "licences", "--sbom", str(target))
    assert said["packages"] == len(json.loads(target.read_text("utf-8"))["components"]) > 10
    assert answer(capsys, "licences") == {"models": [], "data": []}
    with pytest.raises(DataFileError, match="exists already"):
        write_sbom(target)
