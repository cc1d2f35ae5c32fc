"""`python -m sandbox.engine` is the `pulumi` command."""

import sys


def main() -> int:
    from sandbox.engine.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
