"""
The entry point of the command line; the commands are in `commands/`.
"""

import gc
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command; see `commands.main.main`."""
    was_enabled = gc.isenabled()
    gc.disable()  # all that is imported lives on, and looking for garbage in it takes a fifth of the start
    from commands.main import main as run

    if was_enabled:
        gc.enable()
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
