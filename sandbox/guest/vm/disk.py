"""A virtual machine's disk: a file with a file system, made once from the layers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sandbox.guest import packages
from sandbox.guest.atomic import made_once
from sandbox.guest.init.specification import LIBRARY, UPSTREAM, USER_ID
from sandbox.guest.machine import folder_of
from sandbox.guest.nspawn import layers as below
from sandbox.guest.nspawn.disk import NspawnDisk, upstream_folder
from sandbox.guest.nspawn.keeper import Specification
from sandbox.guest.vm import layers

RECIPE = Path(__file__).parent / "recipe" / "image.sh"
SIZE = "3G"


class VmDisk:
    """<directory>/machines/<id>/vm/: `disk.img` (sparse), `vmlinuz`, `initrd`.

    The startup script is on it from the start: later ones do not reach a virtual machine.
    """

    def __init__(self, directory: Path, machine_id: str) -> None:
        self.folder = directory / "machines" / machine_id
        self.place = self.folder / "vm"
        self.image = self.place / "disk.img"
        self._directory = directory
        self._below = NspawnDisk(directory, machine_id)

    def make(self, template: str, password: str) -> None:
        """Make what the first boot turns into an image. Raises as NspawnDisk.make does."""
        self._below.make(template, password)

    def prepare(self, startup_script: str | None) -> None:
        """Make the image when it is missing. Raises layers.BuildFailed."""
        if startup_script is not None and not self.place.exists():
            self._below.give_startup_script(startup_script)
        made_once(self.place, self._image)

    def remove(self) -> None:
        """Remove the machine's folder. To be called while the machine is off."""
        self._below.remove()

    def _image(self, place: Path) -> None:
        plain = self._below.specification([])
        lowers = [str(layers.kernel()), *plain.lowers]
        overlay = Specification(plain.name, lowers, plain.upper, plain.work, plain.root, []).overlay
        parts = place / "parts"
        self._parts(parts)
        variables = {
            "OVERLAY": overlay,
            "ROOT": plain.root,
            "IMAGE": str(place / self.image.name),
            "SIZE": SIZE,
            "PARTS": str(parts),
            "BOOT": str(place),
        }
        below.run_recipe(RECIPE, variables)
        shutil.rmtree(parts)

    def _parts(self, folder: Path) -> None:
        """What level nspawn shows by bind mounts: upstream, and conda's stand-in with its uv."""
        library = folder / LIBRARY.lstrip("/")
        for name, source in (("sandbox", below.SANDBOX), ("ruamel", Path(folder_of("ruamel.yaml")))):
            shutil.copytree(
                source, library / name, ignore=shutil.ignore_patterns("__pycache__"), symlinks=True
            )
        shutil.copy2(packages.uv(), library / "uv")
        own_cache = folder / below.UV_CACHE.lstrip("/")
        own_cache.mkdir(parents=True)
        os.chown(own_cache, USER_ID, USER_ID)
        shutil.copytree(upstream_folder(self._directory), folder / UPSTREAM.lstrip("/"), symlinks=True)
