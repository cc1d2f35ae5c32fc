"""An nspawn machine's disk: what it changed of the layers, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sandbox.guest import course, upstream
from sandbox.guest.atomic import made_once
from sandbox.guest.disk import FASTAI_TEMPLATES, launcher
from sandbox.guest.init.specification import LIBRARY, UPSTREAM, USER, USER_ID
from sandbox.guest.nspawn import keeper, layers

FURNISH = Path(__file__).parent / "recipe" / "machine.sh"
STARTUP_SCRIPT = "var/lib/paperspace/startup-script"


class NspawnDisk:
    """<directory>/machines/<id>/: `disk` holds the changes, `work` and `root` serve the overlay."""

    def __init__(self, directory: Path, machine_id: str) -> None:
        self.folder = directory / "machines" / machine_id
        self.upper = self.folder / "disk"
        self.work = self.folder / "work"
        self.root = self.folder / "root"
        self._directory = directory
        self._machine_id = machine_id

    def make(self, template: str, password: str) -> None:
        """Make it when it is missing; one that is there keeps its files and its passwords.

        Raises layers.BuildFailed, apt.NoArchive, packages.PackagesUnavailable.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.work, self.root):
            folder.mkdir(exist_ok=True)
        made_once(self.upper, lambda upper: self._furnish(upper, template, password))

    def specification(self, binds: list[str], upper: Path | None = None) -> keeper.Specification:
        """A boot of the machine, or the mount of a disk that is being made in `upper`."""
        debian = layers.debian()
        lowers = [layers.course(), debian] if (self.folder / "course").exists() else [debian]
        places = (str(upper or self.upper), str(self.work), str(self.root))
        return keeper.Specification(self._machine_id, list(map(str, lowers)), *places, binds)

    def give_startup_script(self, text: str) -> None:
        """Root runs it on the next boot, once. To be called while the machine is off."""
        file = self.upper / STARTUP_SCRIPT
        file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        file.touch(mode=0o700)
        file.write_text(text if text.startswith("#!") else f"#!/bin/bash\n{text}", encoding="utf-8")

    def remove(self) -> None:
        """Remove the machine's folder. To be called while the machine is off."""
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def _furnish(self, upper: Path, template: str, password: str) -> None:
        if template.lower() in FASTAI_TEMPLATES:
            (self.folder / "course").touch()
            home = upper / "home" / USER
            home.mkdir(parents=True)
            course.clone(self._directory, home / "fastai")
            course.dogs_and_cats(home / "data")
            _give(home)
            home.chmod(0o755)
        etc = upper / "etc"
        etc.mkdir()
        (etc / "hostname").write_text(f"{self._machine_id}\n")
        (etc / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {self._machine_id}\n::1 localhost\n")
        (etc / "gitconfig").write_text(course.upstream_configuration(f"{UPSTREAM}/fastai.git"))
        conda = upper / "usr/local/bin/conda"
        conda.parent.mkdir(parents=True)
        conda.write_text(launcher("/usr/bin/python3", [LIBRARY]))
        conda.chmod(0o755)
        self._identify(upper, password)

    def _identify(self, upper: Path, password: str) -> None:
        """Host keys, machine id and the first password, by the machine's own programs."""
        shutil.rmtree(self.work)
        self.work.mkdir()
        overlay = self.specification([], upper).overlay
        command = ["unshare", "--mount", "sh", "-eu", str(FURNISH), overlay, str(self.root), USER]
        done = subprocess.run(command, input=password, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"the disk of {self._machine_id} could not be made:\n{done.stderr.strip()[-500:]}"
            raise layers.BuildFailed(message)


def _give(home: Path) -> None:
    """Everything below becomes the user's."""
    for folder, names, files in os.walk(home):
        for name in (".", *names, *files):
            os.chown(Path(folder, name), USER_ID, USER_ID, follow_symlinks=False)


def upstream_folder(directory: Path) -> Path:
    """The host's folder that machines see at UPSTREAM."""
    return upstream.repository(directory).parent.resolve()
