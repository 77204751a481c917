"""Tests of who can reach the app: only this machine, and no page of another site, whatever name it uses."""

import http.client
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from db.store import Store
from tests.support.browser import Server
from tests.support.pages import words
from tests.support.paths import ROOT
from tests.support.timeouts import TIMEOUT_SECONDS
from ui import listening

SAFE = {"server.address": "localhost", "server.allowedHosts": ["localhost"], "server.corsAllowedOrigins": []}
OTHERS = {"EMOCLF_SERVE_OTHERS": "1"}


def refused(headers: dict[str, str] | None = None, env: dict[str, str] | None = None, **changed: Any) -> str:
    """The refusal with these options of Streamlit."""
    options = {**SAFE, **{f"server.{name}": value for name, value in changed.items()}}
    return listening.refusal(options.__getitem__, headers or {}, env or {})


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "::1", "127.8.9.1"])
def test_an_address_of_this_machine_is_served(address: str) -> None:
    assert refused(address=address) == ""


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.168.1.5", "example.org", "localhost.evil.test"])
def test_another_address_is_refused_unless_somebody_takes_the_responsibility(address: str | None) -> None:
    assert "not supported without a login in front of it" in refused(address=address)
    assert refused(address=address, env={"EMOCLF_SERVE_OTHERS": "0"})
    assert refused(address=address, env=OTHERS) == ""


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "localhost", "localhost."])
def test_a_name_of_this_machine_is_served_also_where_the_configuration_was_not_found(host: str) -> None:
    assert refused({"Host": host, "Origin": f"http://{host}"}, allowedHosts=[]) == ""


@pytest.mark.parametrize("host", ["evil.test:8501", "localhost.evil.test", "192.168.1.5:8501", "[", "::::"])
def test_a_foreign_name_is_refused_also_where_the_configuration_was_not_found(host: str) -> None:
    for allowed in ([], ["*"]):
        assert "serves only localhost" in refused({"Host": host, "Origin": f"http://{host}"}, allowedHosts=allowed)


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "http://localhost:3000", "null", "https://localhost:8501.evil.test"]
)
def test_a_page_of_another_origin_is_refused_unless_it_is_listed(origin: str) -> None:
    headers = {"Host": "localhost:8501", "Origin": origin}
    assert "open it at its own address" in refused(headers)
    assert "open it at its own address" in refused(headers, env=OTHERS)
    assert refused(headers, corsAllowedOrigins=[origin]) == ""


def test_an_app_that_listens_to_everybody_shows_a_sentence_and_nothing_else(
    app: AppTest, filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = config.get_option("server.address")
    try:
        config.set_option("server.address", "0.0.0.0")
        app.run()
        assert "The app listens on 0.0.0.0, and serving others is not supported" in words(app)
        assert not app.title
        assert len(app.error) == 1
    finally:
        config.set_option("server.address", before)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, as it is started by `streamlit run app.py` in its folder."""
    running = Server(Path(tmp_path_factory.mktemp("served")))
    running.start()
    yield running
    running.stop()


def handshake(server: Server, host: str, origin: str | None) -> int:
    """The status of the server's answer to a WebSocket handshake; 101 accepts it."""
    headers = {
        "Host": host.replace("PORT", str(server.port)),
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    if origin is not None:
        headers["Origin"] = origin.replace("PORT", str(server.port))
    connection = http.client.HTTPConnection("localhost", server.port, timeout=30)
    connection.request("GET", "/_stcore/stream", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.processes
def test_a_real_server_accepts_its_own_pages_and_refuses_foreign_hosts_and_origins(server: Server) -> None:
    accepted = [("localhost:PORT", "http://localhost:PORT"), ("127.0.0.1:PORT", "http://127.0.0.1:PORT")]
    foreign = [
        ("evil.test:PORT", "http://evil.test:PORT"),  # DNS rebinding: a name of the attacker leads to this machine
        ("evil.test:PORT", None),
        ("localhost.evil.test:PORT", "http://localhost.evil.test:PORT"),
        ("localhost:PORT", "http://evil.test"),
        ("localhost:PORT", "https://localhost.evil.test"),
    ]
    assert [handshake(server, *one) for one in accepted] == [101] * len(accepted)
    assert [handshake(server, *one) for one in foreign] == [403] * len(foreign)


@pytest.mark.processes
def test_the_app_does_not_start_where_other_machines_could_reach_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    assert done.returncode == 1
    assert "emoclf does not start: the app listens on 0.0.0.0" in done.stderr
    assert "Traceback" not in done.stderr
