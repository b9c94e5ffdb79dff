"""Where ``carrybit`` and ``python -m carrybit`` begin."""

import sys


def main() -> int:
    """Run the command line; Ctrl-C is quiet from the first import on."""
    try:
        from carrybit.cli import main as run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
