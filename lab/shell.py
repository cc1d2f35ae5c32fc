"""What makes `pulumi` and `lab` in a person's shell those of `make`: `eval "$(make -s env)"`.

`python -m lab.shell NAME…` prints those of the environment variables that are set, and a function for each
program. Functions and not PATH, so that no child process finds a `pulumi` there that was not installed.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab import engine


def lines(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if value := os.environ.get(name):
            yield f"export {name}={shlex.quote(value)}"
    lab = Path(sys.executable).with_name("lab")
    for program, path in (("pulumi", engine.choose()), ("lab", lab)):
        yield f'{program}() {{ {shlex.quote(str(path))} "$@"; }}'


def main() -> None:
    try:
        sys.stdout.writelines(f"{line}\n" for line in lines(sys.argv[1:]))
    except engine.EngineMissing as missing:
        sys.exit(f"error: {missing}")


if __name__ == "__main__":
    main()
