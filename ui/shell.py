"""
The frame of every page: page configuration, navigation, and error display.
"""

from contextvars import ContextVar
from pathlib import Path

import streamlit as st
from streamlit.errors import FragmentHandledException
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.pages_manager import PagesManager

from emoclf import environment
from emoclf.errors import StoreUnavailableError
from jobs import logs
from ui import listening
from ui.plain_text import tell
from ui.saving import tell_away
from ui.unexpected import take_over, tell_error

# A local file: Streamlit loads emoji and material icons for the tab from the internet.
ICON = str(Path(__file__).with_name("icon.svg"))
PAGES_FOLDER = Path(__file__).resolve().parents[1] / "pages"
PAGES = (
    ("overview", "Overview", ":material/home:"),
    ("data", "Data", ":material/table:"),
    ("suggest", "Suggest", ":material/lightbulb:"),
    ("review", "Review", ":material/check_circle:"),
    ("bulk", "Bulk accept", ":material/done_all:"),
    ("guidelines", "Guidelines", ":material/menu_book:"),
    ("reviewers", "Reviewers", ":material/group:"),
    ("synthetic", "Synthetic", ":material/edit_note:"),
    ("retrain", "Retrain", ":material/model_training:"),
    ("licences", "Licences", ":material/gavel:"),
)

# Removes the space for a header that this app does not have. On a narrow screen the navigation button is above the
# page. White on the light blue of the dark theme has too little contrast. Tables scroll on a narrow screen instead of
# breaking figures.
STYLE = """<style>
.stMainBlockContainer { padding-top: 2.5rem; max-width: 64rem; }
@media (max-width: 40rem) { .stMainBlockContainer { padding-top: 4.5rem; } }
button[data-testid^="stBaseButton-primary"]:not(:disabled, :hover, :active) { color: light-dark(#ffffff, #14181f); }
.stTable { overflow-x: auto; }
.stTable td, .stTable th { white-space: nowrap; }
</style>"""

_around_this_page: ContextVar[bool] = ContextVar("around_this_page", default=False)


def run() -> None:
    """Draw the frame and run the requested page in it."""
    take_over()
    listening.keep_offline()
    is_first_run = PagesManager.uses_pages_directory  # until `st.navigation` has been called once
    page = navigate()
    if is_first_run:  # its widgets would have other ids than those of later runs
        st.rerun()
    if refused := listening.refusal():
        listening.log_once(refused)
        tell(st.error, f"{refused[0].upper()}{refused[1:]}.")
        return
    token = _around_this_page.set(True)
    try:
        logs.configure(environment.database_url(), "app")
        page.run()
    except FragmentHandledException:  # a fragment failed and shows its error
        raise
    except StoreUnavailableError as away:
        tell_away(away)
    except Exception as error:  # noqa: BLE001 - shown with the id under which it is logged
        tell_error(error, f"the page {page.url_path or PAGES[0][0]}")
    finally:
        _around_this_page.reset(token)


def is_around() -> bool:
    """Whether the current page runs in the frame, that is, in `run`."""
    return _around_this_page.get()


def navigate() -> StreamlitPage:
    """Configure the browser tab and the navigation; return the requested page."""
    st.set_page_config(page_title="emoclf", page_icon=ICON, layout="wide")
    st.html(STYLE)
    return st.navigation(
        [
            st.Page(PAGES_FOLDER / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "overview")
            for name, title, icon in PAGES
        ]
    )
