"""The entry: page config, who you are, navigation."""

from ui import shell

shell.run()
