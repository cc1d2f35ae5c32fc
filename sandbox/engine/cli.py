"""Runs one command and turns its end into an exit code."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
import traceback

from sandbox.engine.command_line import REAL, build_parser
from sandbox.engine.errors import CommandError


def run(words: list[str]) -> int:
    """Run one command; returns the exit code. Errors go to stderr as `error: …`, as with the CLI."""
    gc.disable()  # imports make no garbage; what comes after them enables it again
    try:
        arguments = parse(words)
        if not hasattr(arguments, "function"):
            msg = f"no command given; {REAL}"
            raise CommandError(msg)
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
    arguments, rest = parser.parse_known_args(_separate_optional_values(words[:split]))
    if rest and rest[0].startswith("-"):
        parser.error(f"unknown flag: {rest[0]}")
    rest += words[split + 1 :]
    empty = next((name for name in ("value", "name") if getattr(arguments, name, "-") in (None, "")), None)
    if empty and rest:
        setattr(arguments, empty, rest.pop(0))
    if rest:
        parser.error(f"unknown argument: {rest[0]}")
    return arguments


def _leave(code: int) -> int:
    """End at once: threads that wait for providers must not hold the command up."""
    sys.stdout.flush()
    sys.stderr.flush()
    if "grpc" in sys.modules:
        os._exit(code)
    return code


def _separate_optional_values(words: list[str]) -> list[str]:
    """`--refresh` alone means true, as in cobra; argparse would take the next word for its value."""
    return [f"{word}=true" if word in ("--refresh", "-r", "--run-program") else word for word in words]
