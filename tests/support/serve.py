"""Serves the app for a browser test, and writes the names in sys.modules to a file when it gets SIGUSR1.

It runs in the checkout, as `python -m tests.support.serve APP PORT`. Where EMOCLF_TEST_CLOCK names a file, the app's
clock goes back by the seconds in it.
"""

import datetime as dt
import json
import os
import signal
import sys
from pathlib import Path

from streamlit.web.cli import main


def tell(*_args: object) -> None:
    target = Path(os.environ["EMOCLF_TEST_MODULES"])
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(sorted(sys.modules)))
    partial.replace(target)


def set_clock(file: Path) -> None:
    """Put the moment that the store notes behind by what the file says, from before anything has imported it."""
    from db.tables import columns

    def now() -> dt.datetime:
        return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=float(file.read_text()))

    columns.now = now


if __name__ == "__main__":
    if clock := os.environ.get("EMOCLF_TEST_CLOCK"):
        set_clock(Path(clock))
    signal.signal(signal.SIGUSR1, tell)
    main(["run", sys.argv[1], "--server.port", sys.argv[2]])
