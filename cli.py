"""
The entry point of the command line; the commands are in `commands/`.
"""

import sys

from commands.main import main

if __name__ == "__main__":
    sys.exit(main())
