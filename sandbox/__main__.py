"""`python -m sandbox`: starts, ends and shows the sandbox of a directory."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.daemon import Daemon, DaemonError, ask

Arguments = argparse.Namespace


def up(arguments: Arguments) -> None:
    """start it in the background, unless it runs, and wait until it answers"""
    record = Daemon(arguments.directory).up(arguments.port)
    print(f"Sandbox of Paperspace: {record.url} (process {record.pid}, state in {arguments.directory})")


def down(arguments: Arguments) -> None:
    """end it and its machines' processes; what it holds stays in the directory"""
    ended = Daemon(arguments.directory).down()
    print("The sandbox has ended." if ended else "The sandbox was not running.")


def status(arguments: Arguments) -> None:
    """say where it serves and which machines it has; exit code 1 when it does not run"""
    record = Daemon(arguments.directory).serving()
    print(f"{record.url} (process {record.pid})")
    for machine in ask(record, "/sandbox/state")["machines"]:
        print(f"{machine['id']}  {machine['state']:<12}  {machine['publicIp'] or '-':<15}  {machine['name']}")


def env(arguments: Arguments) -> None:
    """print the lines that point a shell's programs at it"""
    record = Daemon(arguments.directory).serving()
    print(f"export PAPERSPACE_API_URL={shlex.quote(record.url)}")
    print(f"export PAPERSPACE_API_KEY={shlex.quote(record.api_key)}")


def reset(arguments: Arguments) -> None:
    """end it and forget everything but its key and port"""
    from sandbox.resetting import reset as forget

    forget(arguments.directory)
    print("The sandbox has ended and holds nothing.")


def serve(arguments: Arguments) -> None:
    """serve in the foreground; this is what `up` starts"""
    from sandbox.serving import serve as serve_until_told

    serve_until_told(arguments.directory, arguments.port)


COMMANDS: tuple[Callable[[Arguments], None], ...] = (up, down, status, env, reset, serve)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for command in COMMANDS:
        options = commands.add_parser(command.__name__, help=command.__doc__, description=command.__doc__)
        options.set_defaults(run=command)
        options.add_argument(
            "--directory", type=Path, default=Path(".sandbox"), help="where it keeps its state (.sandbox)"
        )
        if command in (up, serve):
            options.add_argument(
                "--port", type=int, default=0, help="of the API; 0 for that of the last time"
            )
    return parser


def main() -> int:
    """The exit code; an error is one line on stderr."""
    arguments = _parser().parse_args()
    try:
        arguments.run(arguments)
    except DaemonError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
