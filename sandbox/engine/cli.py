"""Runs one command and turns its end into an exit code."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
import traceback

from sandbox.engine.command_line import build_parser
from sandbox.engine.errors import CommandError


def run(words: list[str]) -> int:
    """Run one command; returns the exit code. Errors go to stderr as `error: …`, as with the CLI."""
    gc.disable()  # imports make no garbage; what comes after them enables it again
    try:
        arguments = parse(words)
        if not arguments.function:
            arguments.parser.print_help()
            return _leave(1)
        module, _, function = arguments.function.partition(":")
        from sandbox.engine.context import Context

        context = Context(arguments)
        if module == "run_commands":
            context.derive_key_early()
        code = getattr(importlib.import_module(f"sandbox.engine.{module}"), function)(context)
        return _leave(code or 0)
    except CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        return _leave(error.exit_code)
    except SystemExit as done:  # argparse ends `--help` so
        return _leave(int(done.code or 0))
    except KeyboardInterrupt:
        return _leave(1)
    except BaseException as error:  # noqa: BLE001 the end of the command, whatever it was
        if type(error).__name__ == "Interrupted":
            print("error: terminated; operations under way are recorded as pending", file=sys.stderr)
            return _leave(8)
        traceback.print_exc()
        return _leave(255)


def parse(words: list[str]) -> argparse.Namespace:
    """Parse; an optional positional may also follow flags (`config set key --path value`), as in cobra."""
    parser = build_parser()
    split = words.index("--") if "--" in words else len(words)
    arguments, rest = parser.parse_known_args(parser.command_first(words[:split]))
    if rest and rest[0].startswith("-"):
        kind = "flag" if rest[0].startswith("--") else "shorthand flag"
        parser.error(f"unknown {kind}: {rest[0].partition('=')[0]}")
    rest += words[split + 1 :]
    empty = next((name for name in ("value", "name") if getattr(arguments, name, "-") in (None, "")), None)
    if empty and rest:
        setattr(arguments, empty, rest.pop(0))
    if rest:
        parser.error(f"accepts no argument {rest[0]!r}")
    return arguments


def _leave(code: int) -> int:
    """End at once: threads that wait for providers must not hold the command up."""
    sys.stdout.flush()
    sys.stderr.flush()
    if "grpc" in sys.modules:
        os._exit(code)
    return code
