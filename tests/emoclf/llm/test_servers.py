"""Tests of servers and their keys: a key goes to its own server only, and the pages offer what the owner lists."""

from pathlib import Path

import pytest

from emoclf.environment import OPENAI_HOST, OPENAI_KEY, OPENAI_SERVERS
from emoclf.errors import EmoclfError, ModelError, SettingError
from emoclf.llm import servers
from emoclf.llm.openai_client import Address, Server
from emoclf.llm.servers import Origin
from tests.support.scripted_server import graded, serving

KEY = "sk-canary-1"
ENV = {OPENAI_KEY: KEY, OPENAI_HOST: "https://api.example.org/v1"}


def secrets_file(text: str) -> None:
    """Write Streamlit's secrets of the working folder."""
    Path(".streamlit").mkdir()
    Path(".streamlit", "secrets.toml").write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("url", "gets_key"),
    [
        ("https://api.example.org/v1", True),
        ("https://API.example.org:443/other", True),
        ("http://api.example.org/v1", False),
        ("https://api.example.org:8443/v1", False),
        ("https://api.example.org.evil.test/v1", False),
        ("https://evil.test/api.example.org", False),
        ("https://example.org/v1", False),
    ],
)
def test_a_key_belongs_to_one_scheme_host_and_port(url: str, gets_key: bool) -> None:
    assert servers.key_for(url, ENV) == (KEY if gets_key else "")
    headers = Server(Address.of(f"openai:{url}#m"), env=ENV)._client.headers
    assert (KEY in headers.get("Authorization", "")) is gets_key


def test_another_server_on_this_machine_does_not_get_the_key() -> None:
    with serving(graded) as mine, serving(graded) as other:
        env = {OPENAI_KEY: KEY, OPENAI_HOST: mine.url}
        for server in (mine, other):
            Server(Address.of(f"openai:{server.url}#tiny"), env=env).reply([{"role": "user", "content": "\n"}], 1)
    assert (mine.keys, other.keys) == ([f"Bearer {KEY}"], [None])


def test_a_key_never_travels_over_plain_http_to_another_machine() -> None:
    env = {OPENAI_KEY: KEY, OPENAI_HOST: "http://api.example.org"}
    with pytest.raises(ModelError, match="not sent over plain HTTP to another machine; use https:// there") as refused:
        Server(Address.of("openai:http://api.example.org/v1#m"), env=env)
    assert KEY not in str(refused.value)
    for here in ("http://localhost:8000", "http://127.0.0.2:80", "http://[::1]:8000"):
        assert servers.key_for(f"{here}/v1", {OPENAI_KEY: KEY, OPENAI_HOST: here}) == KEY


def test_a_key_without_its_server_is_refused_with_what_to_set() -> None:
    with pytest.raises(SettingError, match=f"{OPENAI_KEY} is set without {OPENAI_HOST}.*; set {OPENAI_HOST} to the"):
        Server(Address.of("openai:http://localhost:8000/v1#m"), env={OPENAI_KEY: KEY})


@pytest.mark.parametrize("key", ["sk 1", "sk\n1", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(SettingError, match="copy it again") as refused:
        servers.configured_keys({**ENV, OPENAI_KEY: key})
    assert key not in str(refused.value)


def test_a_table_in_streamlits_secrets_holds_the_keys_of_several_servers() -> None:
    secrets_file('[openai_keys]\n"https://a.example.org" = "key-a"\n"http://localhost:8000" = "key-b"\n')
    assert servers.key_for("https://a.example.org/v1", {}) == "key-a"
    assert servers.key_for("http://localhost:8000/v1", {}) == "key-b"
    assert servers.key_for("http://localhost:8001/v1", {}) == ""
    assert {"key-a", "key-b"} <= set(servers.known_secrets({}))


@pytest.mark.parametrize("text", ["[openai_keys", "openai_keys = 3", '[openai_keys]\n"https://a.test" = 3'])
def test_unreadable_secrets_are_one_sentence(text: str) -> None:
    secrets_file(text)
    with pytest.raises(SettingError, match=r"secrets\.toml"):
        servers.configured_keys({})
    assert servers.known_secrets({}) == []


def test_a_server_with_an_unreadable_address_is_refused_where_it_is_configured() -> None:
    with pytest.raises(SettingError, match=f"{OPENAI_HOST} names a server that cannot be read"):
        servers.key_for("https://a.test", {OPENAI_KEY: KEY, OPENAI_HOST: "api.example.org"})


@pytest.mark.parametrize(
    "url",
    ["http://a\\b.test/", "http://a b.test/", "http://me@a.test/", "http://a.test:0/", "http://a.test:99999/", ""],
)
def test_an_address_that_two_programs_could_read_differently_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="no address of a server"):
        Origin.of(url)
    with pytest.raises(ModelError):
        Address.of(f"openai:{url}#m")


def test_the_pages_offer_the_servers_that_the_owner_lists_and_no_other() -> None:
    env = {OPENAI_SERVERS: "http://localhost:9/v1 https://api.example.org/v1#m"}
    assert list(servers.offered_servers(env)) == ["openai:http://localhost:9/v1", "openai:https://api.example.org/v1#m"]
    servers.check_offered("openai:https://api.example.org/v2#another-model", env)
    for uri in (
        "openai:http://localhost:22/v1",
        "openai:http://169.254.169.254/v1#m",
        "openai:http://api.example.org/",
    ):
        with pytest.raises(ModelError, match=f"not among the servers that may be used here .*{OPENAI_SERVERS}"):
            servers.check_offered(uri, env)
    with pytest.raises(EmoclfError, match=r"may be used here \(none\)"):
        servers.check_offered("openai:http://localhost:8000/v1", {OPENAI_SERVERS: ""})


def test_a_server_with_a_key_is_offered_unless_the_owner_lists_others() -> None:
    assert next(iter(servers.offered_servers(ENV))) == "openai:https://api.example.org/v1"
    assert list(servers.offered_servers({})) == list(servers.LOCAL_SERVERS)
