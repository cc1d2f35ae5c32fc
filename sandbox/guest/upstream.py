"""fastai's upstream: a bare git repository on this computer, which can be made to move on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.guest.atomic import locked, made_once
from sandbox.guest.git import git

SOURCE = Path(__file__).parent / "image" / "fastai-upstream"
BRANCH = "master"
TEMPLATE_COMMITS = 2
LESSON_2 = "courses/dl1/lesson2-image_models.ipynb"


def repository(directory: Path) -> Path:
    """The bare repository, made from the image's source when it is missing."""
    return made_once(directory / "upstream" / "fastai.git", _make)


def template_commit(directory: Path) -> str:
    """The commit that a new machine of the fast.ai template has checked out: some behind the branch."""
    commits = git("rev-list", "--reverse", "--first-parent", BRANCH, folder=repository(directory)).split()
    return commits[TEMPLATE_COMMITS - 1]


def publish(
    directory: Path,
    message: str = "Fix a typo",
    *,
    files: Mapping[str, str] | None = None,
    requirements: Sequence[str] = (),
) -> str:
    """Add one commit to the upstream; returns its id.

    files: path in the repository -> new text; by default the README gets one more line.
    requirements: pip requirements that environment.yml gets in addition, as "tabulate==0.9.0".
    """
    bare = repository(directory)
    with locked(bare.with_name(".fastai.git.push")), tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch, "fastai")
        git("clone", "-q", str(bare), str(tree))
        changes = dict(files or {})
        if not changes and not requirements:
            changes["README.md"] = f"{(tree / 'README.md').read_text(encoding='utf-8')}\n{message}\n"
        if requirements:
            changes["environment.yml"] = _with_requirements(tree / "environment.yml", requirements)
        return _commit(tree, message, changes)


def _make(bare: Path) -> None:
    git("init", "-q", "--bare", str(bare))
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch, "fastai")
        shutil.copytree(SOURCE, tree, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        for source in tree.rglob("*.py.in"):
            source.rename(source.with_suffix(""))
        lesson_2 = (tree / LESSON_2).read_text(encoding="utf-8")
        (tree / LESSON_2).unlink()
        package = (tree / "fastai/__init__.py").read_text(encoding="utf-8")
        git("init", "-q", folder=tree)
        git("remote", "add", "origin", str(bare), folder=tree)
        history: list[tuple[str, dict[str, str]]] = [
            ("First lessons", {}),
            ("Version 0.6.1", {"fastai/__init__.py": package.replace('"0.6"', '"0.6.1"')}),
            ("Add lesson 2", {LESSON_2: lesson_2}),
            ("Version 0.6.2", {"fastai/__init__.py": package.replace('"0.6"', '"0.6.2"')}),
            (
                "Say where the forum is",
                {"tutorials/README.md": "Tutorials live here; ask at forums.fast.ai.\n"},
            ),
        ]
        for day, (message, files) in enumerate(history, start=1):
            _commit(tree, message, files, f"2018-01-{day:02}T12:00:00Z")


def _commit(tree: Path, message: str, files: Mapping[str, str], date: str | None = None) -> str:
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, encoding="utf-8")
    git("add", "--all", folder=tree)
    git("commit", "-q", "-m", message, folder=tree, date=date)
    git("push", "-q", "origin", f"HEAD:{BRANCH}", folder=tree)
    return git("rev-parse", "HEAD", folder=tree)


def _with_requirements(file: Path, requirements: Sequence[str]) -> str:
    lines = "".join(f"      - {requirement}\n" for requirement in requirements)
    return file.read_text(encoding="utf-8").rstrip("\n") + "\n" + lines
