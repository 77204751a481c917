"""The web server, started with `streamlit run app.py`: the pages of `main.py`, and the address to which cards post."""

import streamlit as st

from ui.cards.mailbox import ROUTE

app = st.App("main.py", routes=[ROUTE])
