"""
The servers of language models: which key belongs to which server, and which servers the pages offer.

A key belongs to one origin, that is, to a scheme, a host and a port. It is sent there and nowhere else, and over plain
HTTP only to this machine. Keys are given by `EMOCLF_OPENAI_KEY` with `EMOCLF_OPENAI_HOST`, or by a table in Streamlit's
`secrets.toml`, with a key per server:

    [openai_keys]
    "https://api.openai.com" = "…"
    "http://localhost:8000" = "…"
"""

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emoclf.environment import (
    CURRENT,
    OPENAI_HOST,
    OPENAI_KEY,
    OPENAI_SERVERS,
    Env,
    openai_host,
    openai_key,
    openai_servers,
    secrets,
)
from emoclf.errors import ModelError, SettingError
from emoclf.this_machine import is_this_machine

TABLE = "openai_keys"  # in secrets.toml
LOCAL_SERVERS = {  # offered where the owner names none
    "openai:http://localhost:8000/v1": "vLLM or `transformers serve` on this machine",
    "openai:http://localhost:11434/v1#qwen2.5:7b": "Ollama on this machine",
    "openai:http://localhost:8080/v1": "llama.cpp on this machine",
}
_PORTS = {"http": 80, "https": 443}
# Stricter than a URL may be, so that the client cannot read another host from it than this module does.
_URL = re.compile(r"(https?)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(?:/[\x21-\x7e]*)?")


@dataclass(frozen=True)
class Origin:
    """A scheme, a host and a port."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Origin":
        """Return the origin of an HTTP URL; the path is ignored.

        >>> Origin.of("https://API.example.org/v1") == Origin.of("https://api.example.org:443")
        True

        Raises
        ------
        ValueError : if it is no such URL, or holds a user, a password or unusual characters
        """
        found = _URL.fullmatch(url)
        if not found or not 0 < int(found[3] or _PORTS[found[1]]) < 65536:
            raise ValueError("no address of a server")
        return cls(found[1], found[2].lower().rstrip("."), int(found[3] or _PORTS[found[1]]))

    @property
    def is_this_machine(self) -> bool:
        """Whether the host is the machine that asks.

        >>> Origin.of("http://127.0.0.1:8000").is_this_machine, Origin.of("http://127.0.0.1.evil.test").is_this_machine
        (True, False)
        """
        return is_this_machine(self.host)

    def __str__(self) -> str:
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def secrets_files() -> list[Path]:
    """The files in which Streamlit looks for secrets; the later one counts if both name a server."""
    return [Path(folder) / ".streamlit" / "secrets.toml" for folder in (Path("~").expanduser(), Path())]


def key_for(url: str, env: Env = CURRENT) -> str:
    """Return the key of the server at `url`; empty if none is configured for exactly this server.

    Raises
    ------
    SettingError : if a key is configured without its server, or cannot be sent
    ModelError : if the key would be readable on the way to another machine
    """
    origin = Origin.of(url)
    key = configured_keys(env).get(origin, "")
    if key and origin.scheme == "http" and not origin.is_this_machine:
        raise ModelError(f"the key of {origin} is not sent over plain HTTP to another machine; use https:// there")
    return key


def configured_keys(env: Env = CURRENT) -> dict[Origin, str]:
    """Return the key of each server that has one; those in the environment count before those in files.

    Raises
    ------
    SettingError : if a key is configured without its server, or cannot be sent
    """
    found = {_configured_origin(url, TABLE): key for url, key in _keys_in_files().items()}
    if key := openai_key(env):
        if not (host := openai_host(env)):
            raise SettingError(
                f"{OPENAI_KEY} is set without {OPENAI_HOST}, so no server may get the key; set {OPENAI_HOST} to the "
                "server that the key belongs to, such as https://api.openai.com"
            )
        found[_configured_origin(host, OPENAI_HOST)] = key
    for origin, key in found.items():
        if not re.fullmatch(r"[\x21-\x7e]+", key):
            raise SettingError(f"the key of {origin} holds a space or a character outside ASCII; copy it again")
    return found


def known_secrets(env: Env = CURRENT) -> list[str]:
    """Return every key and token that is set, to hide them in messages and logs; raises nothing."""
    keys: list[str] = []
    with suppress(SettingError):
        keys = list(_keys_in_files().values())
    return [*secrets(env), *keys]


def offered_servers(env: Env = CURRENT) -> dict[str, str]:
    """Return the URIs of the servers that the pages offer, each with what it is.

    They are those of EMOCLF_OPENAI_SERVERS; where that is not set, the usual ones on this machine and those that have
    a key.
    """
    listed = openai_servers(env)
    if listed is not None:
        return {f"openai:{url}": f"a server of {OPENAI_SERVERS}" for url in listed}
    with_key: dict[str, str] = {}
    with suppress(SettingError):  # said when a server is used; the models of this machine need no key
        with_key = {f"openai:{origin}/v1": "a server with a key" for origin in configured_keys(env)}
    return {**with_key, **LOCAL_SERVERS}


def check_offered(uri: str, env: Env = CURRENT) -> None:
    """Check that the pages offer the server of an `openai:` URI; any model on it may be named.

    Raises
    ------
    ModelError : if the owner of the app has not listed this server
    """
    allowed = {_configured_origin(_url_in(one), OPENAI_SERVERS) for one in offered_servers(env)}
    try:
        origin = Origin.of(_url_in(uri))
    except ValueError:
        return  # refused in another sentence when its address is parsed
    if origin not in allowed:
        known = ", ".join(sorted(map(str, allowed))) or "none"
        raise ModelError(
            f"{origin} is not among the servers that may be used here ({known}); whoever runs the app can add it to "
            f"{OPENAI_SERVERS}"
        )


def _url_in(uri: str) -> str:
    return uri.removeprefix("openai:").partition("#")[0].rstrip("/")


def _configured_origin(url: str, where: str) -> Origin:
    try:
        return Origin.of(url)
    except ValueError as error:
        raise SettingError(
            f"{where} names a server that cannot be read; write it like https://api.openai.com or http://localhost:8000"
        ) from error


def _keys_in_files() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in secrets_files():
        try:
            table = tomllib.loads(path.read_text("utf-8")).get(TABLE, {})
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise SettingError(f"{path} cannot be read ({type(error).__name__}); correct it or remove it") from error
        if not isinstance(table, Mapping) or not all(isinstance(key, str) for key in table.values()):
            raise SettingError(f'[{TABLE}] in {path} must give each server one key; write "https://host" = "key"')
        found |= table
    return found
