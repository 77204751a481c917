"""
Shows the exact prompt that a language model receives.
"""

import streamlit as st

from emoclf.hub.uris import is_remote
from emoclf.llm.prompts import ANSWERING, LABELLING, PLACE


def show_prompt(engine: str) -> None:
    """Show the messages word for word, with a placeholder for the tweet."""
    prompt = ANSWERING if is_remote(engine) else LABELLING
    parts = [f"[{message['role']}]\n{message['content']}" for message in prompt.messages(PLACE)]
    parts += [f"[reply, each question alone]\n{''.join(prompt.questions)}"] if prompt.questions else []
    with st.expander(f"The prompt ({prompt.version})"):
        st.code("\n\n".join(parts), language=None, wrap_lines=True)
