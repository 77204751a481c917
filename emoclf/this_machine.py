"""
Tells whether a host is the machine that this process runs on, wherever that decides what is allowed.
"""

import ipaddress
from contextlib import suppress


def is_this_machine(host: str) -> bool:
    """Return whether a host name or IP address is this machine by itself, without a look-up; an empty one is not.

    >>> is_this_machine("localhost"), is_this_machine("127.0.0.1"), is_this_machine("[::1]")
    (True, True, True)
    >>> is_this_machine("0.0.0.0"), is_this_machine("127.0.0.1.evil.test"), is_this_machine("")
    (False, False, False)
    """
    name = host.strip("[]").rstrip(".").lower()
    with suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return name == "localhost"
