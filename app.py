"""The entry point of the Streamlit app; the frame of its pages is in `ui/shell.py`."""

from ui import shell

shell.run()
