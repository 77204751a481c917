"""
Decides whether a page may be shown to whoever asks: the app has no login, so it serves only the machine it runs on.

Streamlit is configured the same way in `.streamlit/config.toml`, and refuses connections that name another host. Flags,
variables and a start in another folder can change that, so the start of the app (`app.py`) and each page ask again.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit import net_util

from emoclf.environment import CURRENT, SERVE_OTHERS, Env, serves_others
from emoclf.this_machine import is_this_machine

Option = Callable[[str], Any]  # returns the value of an option of Streamlit

log = logging.getLogger(__name__)


def refusal(option: Option = st.get_option, headers: Mapping[str, str] | None = None, env: Env = CURRENT) -> str:
    """A sentence on why no page may be shown and what would do; empty if it may.

    Parameters
    ----------
    headers : of the request that opened this session, by default those of the current session
    """
    if refused := address_refusal(option, env):
        return refused
    sent = st.context.headers if headers is None else headers
    host, origin = sent.get("Host", ""), sent.get("Origin", "")
    if not serves_others(env):
        names = option("server.allowedHosts")
        if host and (not names or "*" in names) and not is_this_machine(_host_name(host)):
            return f"this page was asked for under the name {host}, and the app serves only localhost"
    is_own = origin.partition("://")[2] == host
    if origin and not is_own and origin not in option("server.corsAllowedOrigins"):
        return (
            f"a page of {origin} asked for this app, which is served at {host}; open it at its own address, or add "
            "that origin to server.corsAllowedOrigins"
        )
    return ""


def address_refusal(option: Option = st.get_option, env: Env = CURRENT) -> str:
    """A sentence on why the app must not listen on its address and what would do; empty if it may."""
    address = option("server.address")
    if serves_others(env) or is_this_machine(address or ""):
        return ""
    return (
        f"the app listens on {address or 'every network of this machine'}, and serving others is not supported without "
        "a login in front of it, since it has none of its own: start it with --server.address localhost, or set "
        f"{SERVE_OTHERS}=1 to take the responsibility"
    )


@cache
def log_once(refused: str) -> None:
    """Print a refusal on the console of whoever started the app."""
    log.error("no page is shown: %s", refused)


def keep_offline() -> None:
    """Keep Streamlit from asking a service on the internet for this machine's address when a foreign page connects."""
    net_util.get_external_ip = lambda: None


def _host_name(host: str) -> str:
    with suppress(ValueError):
        return urlsplit(f"//{host}").hostname or ""
    return ""
