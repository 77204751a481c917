"""
Identifies the code that made a run: the package version and, in a checkout, the commit.
"""

import subprocess
from pathlib import Path

from emoclf import __version__

ROOT = Path(__file__).resolve().parents[1]


def code_version(root: Path = ROOT) -> str:
    """The version, such as "0.1.0 1a2b3c4", with "+changed" if files differ from the commit; without git no commit."""
    try:
        top = _git(root, "rev-parse", "--show-toplevel")
        if Path(top) != root:  # inside another repository
            return __version__
        commit = _git(root, "rev-parse", "--short", "HEAD")
        changed = "+changed" if _git(root, "status", "--porcelain", "--untracked-files=no") else ""
    except (OSError, subprocess.SubprocessError):
        return __version__
    return f"{__version__} {commit}{changed}"


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()
