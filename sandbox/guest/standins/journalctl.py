"""journalctl: prints what services wrote, from /var/log/journal.jsonl."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from sandbox.guest.init.journal import FILE, entries
from sandbox.guest.standins.command import Refused, root, say


def run(_: str, arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.follow:
        raise Refused("journalctl -f: not supported by this stand-in")  # noqa: EM101
    units = {unit if "." in unit else f"{unit}.service" for unit in options.unit or []}
    found = list(entries(Path(root() + FILE), units))
    if options.lines != "all":
        found = found[-int(options.lines) :] if int(options.lines) else []
    for entry in reversed(found) if options.reverse else found:
        say(text(entry, options.output))
    if not found:
        say("-- No entries --")
    return 0


def text(entry: dict[str, Any], style: str = "short") -> str:
    """One line of the journal."""
    if style == "cat":
        return str(entry["message"])
    moment = time.strftime("%b %d %H:%M:%S", time.localtime(entry["time"]))
    host = Path(root() + "/etc/hostname").read_text(encoding="utf-8").strip()
    return f"{moment} {host} {entry['identifier']}[{entry['pid']}]: {entry['message']}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="journalctl", allow_abbrev=False)
    parser.add_argument("-u", "--unit", action="append")
    parser.add_argument("-n", "--lines", nargs="?", const="10", default="all")
    parser.add_argument("-o", "--output", default="short")
    parser.add_argument("-f", "--follow", action="store_true")
    parser.add_argument("-r", "--reverse", action="store_true")
    for ignored in ("--no-pager", "-e", "-x", "-q", "--quiet", "--no-hostname", "-a", "-b"):
        parser.add_argument(ignored, action="store_true")
    return parser
