"""
What the pages may use of the owner's: the servers that are offered, and the folders, by whom the app serves.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from db.store import Store
from emoclf.environment import serves_others
from jobs import access
from jobs.settings.conversion import to_json
from jobs.settings.llm import check_offered


def permitted(store: Store, settings: Any) -> Any:
    """Return the settings of a job unchanged.

    Raises
    ------
    EmoclfError : if they name a server or a folder that the owner does not allow
    """
    check_offered(settings)
    values = settings if isinstance(settings, Mapping) else to_json(settings)
    access.check_settings(store, values, _is_shared())
    return settings


def check_model(store: Store, uri: str) -> None:
    """Raise ModelError if a model URI names a folder that the owner does not allow."""
    access.check_model(store, uri, _is_shared())


def _is_shared() -> bool:
    return serves_others() or access.serves_others(st.get_option("server.address"))
