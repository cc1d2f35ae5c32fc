"""The patterns of `archive_exclude`: shell patterns of paths below the home folder; * matches / too."""

from __future__ import annotations

from fnmatch import fnmatchcase

UNLIKE_PATHS = (
    "fastai/courses/dl1/tmp-lesson1.ipynb",
    "Data/2026/labels 7.csv",
    "my_work/README",
    "0/ö-üß",
)
"""Nothing but a wildcard matches them all: they differ in first letter, ending and depth. None is hidden, so
that [!.]* counts as everything too."""


def below_home(value: str) -> str:
    """Without a / at its end. Raises ValueError with the fix."""
    if value.startswith(("/", "~", "./")) or not value:
        text = "give a pattern of paths below the home folder without ~/, such as data/imagenet or *.zip"
        raise ValueError(text)
    return not_everything(value.rstrip("/"))


def not_everything(pattern: str) -> str:
    """Raises ValueError for a pattern that would leave the archive empty, before the disk is deleted."""
    if all(fnmatchcase(path, pattern) for path in UNLIKE_PATHS):
        text = (
            "it excludes everything, and the archive would be empty when the disk is deleted; exclude what "
            "you can do without, such as data/imagenet or *.zip, or set archive to off to keep nothing"
        )
        raise ValueError(text)
    return pattern
