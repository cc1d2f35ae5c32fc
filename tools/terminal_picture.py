"""Runs a command and draws what it printed: .venv/bin/python tools/terminal_picture.py PICTURE COMMAND..."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 110


def main() -> None:
    picture, *command = sys.argv[1:]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    console = Console(record=True, width=WIDTH, file=sys.stdout)
    console.print(Text.assemble(("$ ", "bold green"), (" ".join(command), "bold")))
    console.print(Text.from_ansi(result.stdout.rstrip()))
    Path(picture).write_text(console.export_svg(title=" ".join(command)))


if __name__ == "__main__":
    main()
