"""
All benchmarks, one after the other; writes docs/benchmarks.md with the machine and the date.

The ablation takes hours and prints a table of its own, so that it is run by itself.
"""

import datetime as dt
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HELPERS = {
    *("__init__", "all", "claims", "ec", "qwen", "planted", "matmul"),
    *("prompt_ideas", "ablation_ideas", "ablation_table"),
}
BY_ITSELF = {"ablation"}


def main() -> int:
    """Run each script and write its claims down; the exit status says how many broke off."""
    lines, broken = [heading()], 0
    for script in sorted(HERE.glob("*.py")):
        if script.stem in HELPERS | BY_ITSELF:
            continue
        print(f"{script.stem} …", file=sys.stderr)
        done = subprocess.run([sys.executable, str(script), *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
        broken += done.returncode != 0
        lines += section(script.stem, done.stdout.strip().splitlines()[-1:] if done.returncode == 0 else [])
    (HERE.parent / "docs" / "benchmarks.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return broken


def heading() -> str:
    """What was measured on, and when."""
    cpu = platform.processor() or platform.machine()
    return f"# Benchmarks\n\n{dt.date.today()}, {os.cpu_count()} cores ({cpu}), Python {platform.python_version()}.\n"


def section(name: str, last_line: list[str]) -> list[str]:
    """One script's claims as a table."""
    lines = [f"## {name}\n", f"`python benchmarks/{name}.py`\n"]
    if not last_line:
        return [*lines, "It broke off.\n"]
    answer = json.loads(last_line[0])
    rows = [row(claim) for claim in answer.get("claims", [answer])]
    return [*lines, "| claim | measured | target | holds | detail |", "|---|---|---|---|---|", *rows, ""]


def row(claim: dict[str, Any]) -> str:
    """One claim as a line of the table."""
    detail = ", ".join(f"{key} {value}" for key, value in claim["detail"].items())
    holds = "yes" if claim["holds"] else "no"
    return f"| {claim['claim']} | {claim['value']} {claim['unit']} | {claim['target']} | {holds} | {detail} |"


if __name__ == "__main__":
    sys.exit(main())
