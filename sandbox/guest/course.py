"""What the course has in its user's home: fastai's clone, some commits behind, and data."""

from __future__ import annotations

import zipfile
from pathlib import Path

from sandbox.guest import upstream
from sandbox.guest.git import git

FASTAI_URL = "https://github.com/fastai/fastai.git"


def clone(directory: Path, folder: Path) -> None:
    """A clone of the upstream in `directory` at the template's commit, with GitHub as its origin."""
    git("clone", "-q", "--no-hardlinks", str(upstream.repository(directory)), str(folder))
    commit = upstream.template_commit(directory)
    git("reset", "-q", "--hard", commit, folder=folder)
    git("update-ref", f"refs/remotes/origin/{upstream.BRANCH}", commit, folder=folder)
    git("remote", "set-url", "origin", FASTAI_URL, folder=folder)


def upstream_configuration(path: str) -> str:
    """A gitconfig: the clone's URL is GitHub's, as on a real machine; git reads the repository at `path`."""
    urls = (FASTAI_URL, FASTAI_URL.removesuffix(".git"))
    rewritten = "".join(f"\tinsteadOf = {url}\n" for url in urls)
    return f'[url "{path}"]\n{rewritten}[safe]\n\tdirectory = *\n'


def dogs_and_cats(data: Path) -> None:
    """A picture of each kind in each part of the data set, and all of them as an archive."""
    for part in ("sample", "test1", "train", "valid"):
        for kind in ("cats", "dogs"):
            folder = data / "dogscats" / part / kind
            folder.mkdir(parents=True)
            (folder / f"{kind[:-1]}.0.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    with zipfile.ZipFile(data / "dogscats.zip", "w") as archive:
        for file in sorted((data / "dogscats").rglob("*.jpg")):
            archive.write(file, file.relative_to(data))
