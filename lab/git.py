"""What git knows of a pull request: the files that it changes, and how they were before."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError


@dataclass(frozen=True)
class ChangedFile:
    """`path` below the project's folder; `status` A, M or D. A renamed file is a deleted and an added one."""

    path: str
    status: str


@dataclass(frozen=True)
class Git:
    """The repository that holds `folder`."""

    folder: Path

    def changed_files(self, base: str) -> list[ChangedFile]:
        """Since HEAD left `base`. Raises LabError, with what is missing where the checkout is shallow."""
        words = self.answer("diff", "--name-status", "--no-renames", "--relative", "-z", f"{base}...HEAD")
        parts = words.split("\0")[:-1]
        return [ChangedFile(path, status) for status, path in zip(parts[::2], parts[1::2], strict=True)]

    def text_before(self, base: str, path: str) -> str | None:
        """The file where HEAD left `base`; None where it was not there."""
        fork_point = self.answer("merge-base", base, "HEAD").strip()
        try:
            return self.answer("show", f"{fork_point}:./{path}")
        except LabError:
            return None

    def answer(self, *words: str) -> str:
        result = subprocess.run(
            ["git", *words], cwd=self.folder, capture_output=True, text=True, check=False, encoding="utf-8"
        )
        if result.returncode:
            hint = (
                "; a shallow checkout? (actions/checkout: fetch-depth: 0)" if "..." in " ".join(words) else ""
            )
            message = f"git {' '.join(words)}: {result.stderr.strip()}{hint}"
            raise LabError(message)
        return result.stdout
