"""The way out of an archive that fails: machines that may be deleted without one."""

from __future__ import annotations

import os

VARIABLE = "FASTAI_SKIP_ARCHIVE"
"""Names the machines by id, separated by blanks or commas."""


def skipped() -> set[str]:
    return set(os.environ.get(VARIABLE, "").replace(",", " ").split())
