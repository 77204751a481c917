"""
What the pages may do with the owner's folders, by the address on which the app listens.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from db.store import Store
from jobs import access
from jobs.settings.conversion import to_json


def permitted(store: Store, settings: Any) -> Any:
    """Return the settings of a job unchanged; raise EmoclfError if they name a folder that the owner does not allow."""
    values = settings if isinstance(settings, Mapping) else to_json(settings)
    access.check_settings(store, values, _is_shared())
    return settings


def check_model(store: Store, uri: str) -> None:
    """Raise ModelError if a model URI names a folder that the owner does not allow."""
    access.check_model(store, uri, _is_shared())


def _is_shared() -> bool:
    return access.serves_others(st.get_option("server.address"))
