"""The entry point of the Streamlit app: page configuration, navigation, reviewer name."""

from ui import shell

shell.run()
