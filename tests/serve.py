"""Serves the app for a browser test, and writes the names in sys.modules to a file when it gets SIGUSR1."""

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


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, tell)
    main(["run", sys.argv[1], "--server.port", sys.argv[2]])
