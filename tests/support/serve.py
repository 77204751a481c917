"""Serves the app for browser tests, directly or as a process that forks servers.

`serve.py APP PORT` serves the app. `serve.py --fork-server APP` imports the app's dependencies and then forks a server
for every line of JSON it reads (port, environment and log file), answering with the process id. A forked server is as
new as any other, but starts in a third of the time.

On SIGUSR1 a server writes the names in sys.modules to a file. If EMOCLF_TEST_CLOCK names a file, the app's clock is set
back by the seconds in it.
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
    """Write the names in sys.modules to the file given by EMOCLF_TEST_MODULES."""
    target = Path(os.environ["EMOCLF_TEST_MODULES"])
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(sorted(sys.modules)))
    partial.replace(target)


def set_clock(file: Path) -> None:
    """Set the clock used by the store back by the seconds in the file; call before other imports."""
    from db.tables import columns

    def now() -> dt.datetime:
        return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=float(file.read_text()))

    columns.now = now


def serve(app: str, port: str) -> None:
    """Serve the app until the process ends."""
    if clock := os.environ.get("EMOCLF_TEST_CLOCK"):
        set_clock(Path(clock))
    signal.signal(signal.SIGUSR1, tell)
    main(["run", app, "--server.port", port])


def fork_servers(app: str) -> None:
    """Import the app's dependencies, then fork a server for every line."""
    import streamlit.web.bootstrap

    import ui

    assert streamlit.web.bootstrap
    for module in pkgutil.walk_packages(ui.__path__, "ui."):
        importlib.import_module(module.name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended children leave no zombies
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
    is_fork_server = sys.argv[1] == "--fork-server"
    app_file = sys.argv[2] if is_fork_server else sys.argv[1]
    if is_fork_server:
        fork_servers(app_file)
    else:
        serve(app_file, sys.argv[2])
