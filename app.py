"""The web server, started with `streamlit run app.py`: the pages of `main.py`, and the address to which cards post."""

import sys

import streamlit as st

from ui import listening
from ui.cards.mailbox import ROUTE

listening.keep_offline()
if refused := listening.address_refusal():
    sys.exit(f"emoclf does not start: {refused}.")
app = st.App("main.py", routes=[ROUTE])
