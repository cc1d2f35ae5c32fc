"""Machine types: hardware, list price, regions and family.

Prices and regions: paperspace-api.md 2.1 and 2.2 (DigitalOcean's pricing page, edited 2025-11-14). The
hardware of C1, C2 and C3, the price of C2 and the split into families are in no source read: guesses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sandbox.paperspace.state.errors import BadRequest
from sandbox.paperspace.state.regions import AMS1, CA1, NY2, REGIONS

GB = 1024**3


@dataclass(frozen=True)
class MachineType:
    """One label; `hourly` in USD, memory in GB; `gpus` 0 for a CPU type."""

    label: str
    hourly: float
    cpus: int
    ram_gb: float
    gpu: str = ""
    gpu_memory_gb: int = 0
    gpus: int = 0
    regions: tuple[str, ...] = REGIONS

    @property
    def family(self) -> Literal["cpu", "gpu"]:
        return "gpu" if self.gpus else "cpu"


_CPU = (
    MachineType("C1", 0.0045, 1, 0.5),
    MachineType("C2", 0.009, 1, 1),
    MachineType("C3", 0.018, 2, 2),
    MachineType("C4", 0.04, 2, 4),
    MachineType("C5", 0.08, 4, 8),
    MachineType("C6", 0.16, 8, 16),
    MachineType("C7", 0.30, 12, 30),
    MachineType("C8", 0.60, 16, 60),
    MachineType("C9", 0.90, 24, 120),
    MachineType("C10", 1.60, 32, 244),
)
_EAST = (NY2,)
_GPU = (
    MachineType("GPU+", 0.45, 8, 30, "M4000", 8, 1, (NY2, AMS1)),
    MachineType("P4000", 0.51, 8, 30, "P4000", 8, 1),
    MachineType("P5000", 0.78, 8, 30, "P5000", 16, 1),
    MachineType("P6000", 1.10, 8, 30, "P6000", 24, 1),
    MachineType("RTX4000", 0.56, 8, 30, "RTX4000", 8, 1),
    MachineType("RTX5000", 0.82, 8, 30, "RTX5000", 16, 1, _EAST),
    MachineType("A4000", 0.76, 8, 45, "A4000", 16, 1),
    MachineType("A5000", 1.38, 8, 45, "A5000", 24, 1, (NY2, CA1)),
    MachineType("A6000", 1.89, 8, 45, "A6000", 48, 1, (NY2, CA1)),
    MachineType("V100", 2.30, 8, 30, "V100", 16, 1, (NY2, AMS1)),
    MachineType("V100-32G", 2.30, 8, 30, "V100-32G", 32, 1, _EAST),
    MachineType("A100", 3.09, 12, 90, "A100", 40, 1, _EAST),
    MachineType("A100-80G", 3.18, 12, 90, "A100-80G", 80, 1, _EAST),
    MachineType("H100", 5.95, 20, 250, "H100", 80, 1, _EAST),
)
_MULTIPLES = {
    "P4000": (2,),
    "P5000": (2,),
    "P6000": (2,),
    "RTX4000": (2,),
    "RTX5000": (2,),
    "A4000": (2, 4),
    "A5000": (2, 4),
    "A6000": (2, 4),
    "V100-32G": (2, 4),
    "A100-80G": (8,),
    "H100": (8,),
}


def _multiples() -> Iterator[MachineType]:
    for one in _GPU:
        for count in _MULTIPLES.get(one.label, ()):
            yield MachineType(
                f"{one.label}x{count}",
                round(one.hourly * count, 4),
                one.cpus * count,
                one.ram_gb * count,
                one.gpu,
                one.gpu_memory_gb,
                count,
                one.regions,
            )


MACHINE_TYPES = {kind.label: kind for kind in (*_CPU, *_GPU, *_multiples())}
_BY_LOWER_CASE = {label.lower(): kind for label, kind in MACHINE_TYPES.items()}


def find_machine_type(label: str, *, any_case: bool) -> MachineType | None:
    return _BY_LOWER_CASE.get(label.lower()) if any_case else MACHINE_TYPES.get(label)


def machine_type(label: str, *, any_case: bool) -> MachineType:
    """Raises BadRequest, in the words seen in the old API (paperspace-api.md 2.6)."""
    if (found := find_machine_type(label, any_case=any_case)) is None:
        message = f"Invalid machine type: {label}"
        raise BadRequest(message)
    return found
