"""
Hides the passwords of database URLs, which may stand in the user part and in the query.
"""

import re
from contextlib import suppress
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

HIDDEN = "***"
_SECRET = re.compile(r"pass|pwd|secret|token", re.IGNORECASE)  # names in a query whose values are secret
_SHORTEST = 4  # characters; replacing shorter ones would change ordinary words


def without_password(url: str) -> str:
    """The URL without its passwords, for display.

    >>> without_password("postgresql://ana:secret@host/base?password=other&sslmode=require")
    'postgresql://ana:***@host/base?password=***&sslmode=require'
    >>> without_password("no URL")
    'the database URL'
    """
    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "the database URL"
    return re.sub(r"(?<=[?&])([^=&]*)=[^&]*", _hidden_value, shown)


def _hidden_value(found: re.Match[str]) -> str:
    return f"{found[1]}={HIDDEN}" if _SECRET.search(unquote_plus(found[1])) else found[0]


def passwords(url: str) -> list[str]:
    """The passwords in a database URL, each plain and URL-encoded, the longest first; also of a URL that is not valid.

    >>> passwords("postgresql://ana:pa55%2Fx@host/base?password=other")
    ['pa55%252Fx', 'pa55%2Fx', 'pa55/x', 'other']
    """
    plain: list[str] = []
    with suppress(ArgumentError, ValueError):
        if password := make_url(url).password:
            plain.append(str(password))
    if written := re.search(r"://[^:@]*:(.+)@", url):  # as it stands, whatever SQLAlchemy makes of it
        plain.append(written[1])
    with suppress(ValueError):
        plain += [value for name, value in parse_qsl(urlsplit(url).query) if _SECRET.search(name)]
    forms = {form for one in plain for form in (one, quote(one, safe=""), quote_plus(one), unquote_plus(one)) if one}
    return sorted(forms, key=lambda form: (-len(form), form))


def without_passwords(text: str, url: str) -> str:
    """A text, such as a message of a driver, without the passwords of the URL."""
    for password in passwords(url):
        if len(password) >= _SHORTEST:
            text = text.replace(password, HIDDEN)
    return text
