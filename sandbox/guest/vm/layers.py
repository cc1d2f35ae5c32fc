"""The read-only layer of every virtual machine's disk above those of level nspawn: a kernel."""

from __future__ import annotations

from pathlib import Path

from sandbox.guest.atomic import made_once
from sandbox.guest.nspawn import layers

KERNEL = "linux-image-cloud-amd64"
RECIPE = Path(__file__).parent / "recipe"


def kernel() -> Path:
    """Kernel, initrd and network above the course's layer. Raises as nspawn's layers do."""
    lowers = [layers.course(), layers.debian()]
    recipe = RECIPE / "kernel.sh"
    key = layers.key(lowers[0].name, KERNEL, recipe.read_text(encoding="utf-8"))
    return made_once(layers.named("kernel", key), lambda folder: _build(folder, lowers))


def _build(folder: Path, lowers: list[Path]) -> None:
    layers.say("Adding a kernel to it ...")
    with layers.scratch(folder) as scratch:
        variables = {
            "LOWERS": ":".join(map(str, lowers)),
            "UPPER": str(folder),
            "SCRATCH": str(scratch),
            "PACKAGE": KERNEL,
        }
        layers.run_recipe(RECIPE / "kernel.sh", variables)
