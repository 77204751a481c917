"""
Writes a software bill of materials: the installed Python packages with versions and licences, as CycloneDX 1.6 JSON.

It repeats what each package states about itself, for tools that look for known vulnerabilities or unwanted licences,
and needs no network. It lists every package of the environment, also those that are only there for tests.
"""

import json
import re
import uuid
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import emoclf
from emoclf.errors import DataFileError

_MOST_CHARACTERS = 100  # some packages put the whole text of their licence into the field for its name
_CLASSIFIER = "License :: OSI Approved :: "


def write_sbom(path: Path) -> int:
    """Write the bill of materials to a new file; return the number of packages.

    Raises
    ------
    DataFileError : if the file exists or cannot be written
    """
    found = bill_of_materials(distributions())
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(found, file, indent=1, ensure_ascii=False)
    except FileExistsError as error:
        raise DataFileError(f"{path} exists already; name a new file") from error
    except OSError as error:
        raise DataFileError(f"cannot write {path}: {error.strerror}") from error
    return len(found["components"])


def bill_of_materials(installed: Iterable[Distribution]) -> dict[str, Any]:
    """Return the packages as a CycloneDX document; the same packages give the same document."""
    packages = {_key(name): one for one in installed if (name := _stated(one, "Name"))}
    packages.pop("emoclf", None)  # it is what the bill is about
    ordered = dict(sorted(packages.items()))
    own = {"type": "application", "bom-ref": "emoclf", "name": "emoclf", "version": emoclf.__version__}
    components = [_component(one) for one in ordered.values()]
    needs = [{"ref": _purl(one), "dependsOn": _needed(one, ordered)} for one in ordered.values()]
    listed = "\n".join(component["purl"] for component in components)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, listed)}",
        "version": 1,
        "metadata": {"component": own},
        "components": components,
        "dependencies": [{"ref": "emoclf", "dependsOn": [_purl(one) for one in ordered.values()]}, *needs],
    }


def _component(one: Distribution) -> dict[str, Any]:
    purl = _purl(one)
    found = {"type": "library", "bom-ref": purl, "name": one.metadata["Name"], "version": one.version, "purl": purl}
    licences = _licences(one)
    return {**found, "licenses": licences} if licences else found


def _licences(one: Distribution) -> list[dict[str, Any]]:
    """What a package states: an SPDX expression, else a name, else its classifiers; empty if nothing."""
    if expression := _stated(one, "License-Expression"):
        return [{"expression": expression}]
    classifiers = one.metadata.get_all("Classifier") or []
    names = [text.removeprefix(_CLASSIFIER) for text in classifiers if text.startswith(_CLASSIFIER)]
    stated = _stated(one, "License")
    if 0 < len(stated) <= _MOST_CHARACTERS and "\n" not in stated:
        names = [stated]
    return [{"license": {"name": name}} for name in names]


def _stated(one: Distribution, field: str) -> str:
    """The text of a metadata field; empty if the package leaves it out."""
    return next(iter(one.metadata.get_all(field) or []), "").strip()


def _needed(one: Distribution, known: dict[str, Distribution]) -> list[str]:
    """The installed packages that a package requires, without those of its extras."""
    lines = [line for line in one.requires or [] if "extra ==" not in line]
    names = {_key(found[0]) for line in lines if (found := re.match(r"[A-Za-z0-9._-]+", line))}
    return [_purl(known[name]) for name in sorted(names) if name in known]


def _purl(one: Distribution) -> str:
    return f"pkg:pypi/{_key(one.metadata['Name'])}@{one.version}"


def _key(name: str) -> str:
    """The normalised name of a package.

    >>> _key("Flask_Login")
    'flask-login'
    """
    return re.sub(r"[-_.]+", "-", name).lower()
