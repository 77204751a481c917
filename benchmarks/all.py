"""
Runs all benchmarks, or those named, and writes their sections of docs/benchmarks.md, with date and processor.

    python -m benchmarks.all [--quick] [NAME ...]

Sections of benchmarks that are not run stay unchanged. The ablation takes hours and prints its own table, and the soak
takes long too, so they run only if they are named.
"""

import argparse
import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.claims import MISSING

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
BY_ITSELF = {"ablation", "all", "soak"}
RUNS = 'if __name__ == "__main__":'  # marks a script, as opposed to a helper module
TITLE = "# Benchmarks"


def main() -> int:
    """Run each script and save its claims; the exit status is the number of failed scripts.

    A script that lacks something on this machine has said so; its section stays unchanged.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="benchmarks to run; none: all but the ablation and the soak"
    )
    parser.add_argument("--quick", action="store_true", help="smaller measurements, about a minute each")
    options = parser.parse_args()
    known = scripts()
    if unknown := set(options.names) - known:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    broken = 0
    for name in options.names or sorted(known - BY_ITSELF):
        print(f"{name} …", file=sys.stderr)
        command = [sys.executable, "-m", f"benchmarks.{name}", *(["--quick"] if options.quick else [])]
        done = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True)
        broken += done.returncode != 0
        if done.returncode == MISSING:
            continue
        printed = done.stdout.strip().splitlines() if done.returncode == 0 else []
        old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        PAGE.write_text(page(sections(old) | {name: section(name, printed)}), encoding="utf-8")
    return broken


def scripts() -> set[str]:
    """Return the names of the benchmarks."""
    return {script.stem for script in HERE.glob("*.py") if RUNS in script.read_text(encoding="utf-8")} - {"all"}


def sections(text: str) -> dict[str, str]:
    """Return the sections of a page by name.

    >>> sections("# Benchmarks\\n\\n## gates\\n\\nfast\\n")
    {'gates': '## gates\\n\\nfast\\n'}
    """
    found = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return {part.split("\n", 1)[0].removeprefix("## "): part for part in found if part.startswith("## ")}


def page(parts: dict[str, str]) -> str:
    """Return the whole page, with the sections sorted by name."""
    return "\n".join([f"{TITLE}\n", *(parts[name].rstrip("\n") + "\n" for name in sorted(parts))])


def section(name: str, printed: list[str]) -> str:
    """Return a section: the tables and claims that a script printed, and the machine."""
    found = [line for line in printed if line.startswith(machine.MEASURED_ON)]
    where = (found or [machine.measured_on()])[-1].removeprefix(machine.MEASURED_ON)
    lines = [f"## {name}\n", f"`python -m benchmarks.{name}`. {dt.date.today()}, {where}\n"]
    if not printed:
        return "\n".join([*lines, "It broke off.\n"])
    answer = json.loads(printed[-1])
    if answer.get("quick"):
        lines[1] = lines[1].replace(f"{name}`.", f"{name} --quick`.")
    kept = tables(printed)
    claims = ["| claim | measured | target | holds | detail |", "|---|---|---|---|---|"]
    claims += [row(claim) for claim in answer.get("claims", [answer])]
    return "\n".join([*lines, *kept, *([""] if kept else []), *claims, ""])


def tables(printed: list[str]) -> list[str]:
    """Return the lines of printed tables, with a blank line between two tables.

    >>> tables(["two tables", "| a |", "| 1 |", "and", "another", "| b |"])
    ['| a |', '| 1 |', '', '| b |']
    """
    kept: list[str] = []
    for before, line in zip(["", *printed], printed, strict=False):
        if line.startswith("|"):
            kept += [""] if kept and not before.startswith("|") else []
            kept.append(line)
    return kept


def row(claim: dict[str, Any]) -> str:
    """Return one claim as a row of the table."""
    detail = ", ".join(f"{key} {value}" for key, value in claim["detail"].items())
    holds = "yes" if claim["holds"] else "no"
    return f"| {claim['claim']} | {claim['value']} {claim['unit']} | {claim['target']} | {holds} | {detail} |"


if __name__ == "__main__":
    sys.exit(main())
