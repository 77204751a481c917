"""The script that Streamlit runs for every view of a page; the frame of the pages is in `ui/shell.py`."""

from ui import shell

shell.run()
