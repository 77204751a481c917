"""Serves the app for a browser test, and writes the names in sys.modules to a file when it gets SIGUSR1.

`serve.py APP PORT` serves it. `serve.py --nursery APP` imports what the app needs and then forks a server for every
line of JSON that it reads, which says port, environment and log file; it answers with the process id. A server that
is forked is as new as any other, but spares two thirds of its start.

Where EMOCLF_TEST_CLOCK names a file, the app's clock goes back by the seconds in it.
"""

import datetime as dt
import importlib
import json
import os
import pkgutil
import signal
import sys
from pathlib import Path

from streamlit.web.cli import main


def tell(*_args: object) -> None:
    """Write the names in sys.modules to the file that EMOCLF_TEST_MODULES names."""
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


def serve(app: str, port: str) -> None:
    """Serve the app until the process is ended."""
    if clock := os.environ.get("EMOCLF_TEST_CLOCK"):
        set_clock(Path(clock))
    signal.signal(signal.SIGUSR1, tell)
    main(["run", app, "--server.port", port])


def fork_servers(app: str) -> None:
    """Import what the app needs, then fork a server for every line."""
    import streamlit.web.bootstrap

    import ui

    assert streamlit.web.bootstrap
    for module in pkgutil.walk_packages(ui.__path__, "ui."):
        importlib.import_module(module.name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is no zombie
    print("ready", flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        if child := os.fork():
            print(child, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with open(wanted["log"], "ab") as log, open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        os.environ.clear()
        os.environ.update(wanted["env"])
        serve(app, str(wanted["port"]))
        os._exit(0)


if __name__ == "__main__":
    is_nursery = sys.argv[1] == "--nursery"
    app_file = sys.argv[2] if is_nursery else sys.argv[1]
    if is_nursery:
        fork_servers(app_file)
    else:
        serve(app_file, sys.argv[2])
