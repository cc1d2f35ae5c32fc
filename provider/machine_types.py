"""The machine types: size, family, list price and where they are offered.

Prices in USD an hour: docs.digitalocean.com/products/paperspace/pricing/, edited 2025-11-14
(paperspace-api.md 2.1). Sizes and regions: DO/products/paperspace/machines/details/ (2.2). A100 and H100
differ between sources; the API's own rate counts once a machine exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from provider.errors import InvalidInput
from provider.suggestions import did_you_mean

EVERYWHERE = ("East Coast (NY2)", "Europe (AMS1)", "West Coast (CA1)")
EAST_AND_EUROPE = ("East Coast (NY2)", "Europe (AMS1)")
BOTH_COASTS = ("East Coast (NY2)", "West Coast (CA1)")
EAST = ("East Coast (NY2)",)


@dataclass(frozen=True)
class MachineType:
    """`wire` is the label in requests where it differs from the name; `hourly` USD for one of `gpus`."""

    name: str
    family: str
    cpus: int
    ram_gb: int
    hourly: float
    regions: tuple[str, ...]
    wire: str = ""

    @property
    def label(self) -> str:
        """What a request carries."""
        return self.wire or self.name


def _cpu(name: str, cpus: int, ram_gb: int, hourly: float) -> MachineType:
    return MachineType(name, "CPU", cpus, ram_gb, hourly, EVERYWHERE)


def _gpu(
    name: str, cpus: int, ram_gb: int, hourly: float, regions: tuple[str, ...], wire: str = ""
) -> MachineType:
    return MachineType(name, "GPU", cpus, ram_gb, hourly, regions, wire)


MACHINE_TYPES: dict[str, MachineType] = {
    machine_type.name: machine_type
    for machine_type in (
        _cpu("C1", 1, 1, 0.0045),
        _cpu("C2", 1, 1, 0.009),  # not on the price list, yet in use; the price is half of C3's
        _cpu("C3", 1, 2, 0.018),
        _cpu("C4", 2, 4, 0.04),
        _cpu("C5", 4, 8, 0.08),
        _cpu("C6", 8, 16, 0.16),
        _cpu("C7", 12, 30, 0.30),
        _cpu("C8", 16, 60, 0.60),
        _cpu("C9", 24, 120, 0.90),
        _cpu("C10", 32, 244, 1.60),
        _gpu("M4000", 8, 30, 0.45, EAST_AND_EUROPE, wire="GPU+"),
        _gpu("P4000", 8, 30, 0.51, EVERYWHERE),
        _gpu("P5000", 8, 30, 0.78, EVERYWHERE),
        _gpu("P6000", 8, 30, 1.10, EVERYWHERE),
        _gpu("RTX4000", 8, 30, 0.56, EVERYWHERE),
        _gpu("RTX5000", 8, 30, 0.82, EAST),
        _gpu("A4000", 8, 45, 0.76, EVERYWHERE),
        _gpu("A5000", 8, 45, 1.38, BOTH_COASTS),
        _gpu("A6000", 8, 45, 1.89, BOTH_COASTS),
        _gpu("V100", 8, 30, 2.30, EAST_AND_EUROPE),
        _gpu("V100-32G", 8, 30, 2.30, EAST),
        _gpu("A100", 12, 90, 3.09, EAST),
        _gpu("A100-80G", 12, 90, 3.18, EAST),
        _gpu("H100", 20, 250, 5.95, EAST),
    )
}
"""Single machines by canonical name; `P4000x2` and the like are made from them."""

NEEDS_APPROVAL = frozenset({"A100", "A100-80G", "H100"})
"""Given after one or two business days (paperspace-api.md 2.6: H100 "and some high-end types")."""

_BY_SPELLING = {
    spelling.casefold(): kind for kind in MACHINE_TYPES.values() for spelling in (kind.name, kind.label)
}
_NAME_OF_LABEL = {kind.label: kind.name for kind in MACHINE_TYPES.values()}
_MULTIPLE = re.compile(r"(?P<single>.+?)x(?P<count>[248])", re.IGNORECASE)


def machine_type(text: str) -> MachineType:
    """The type for any spelling: "GPU+", "m4000", "P4000x2". Raises InvalidInput with the closest match."""
    spelling = text.strip().casefold()
    multiple = _MULTIPLE.fullmatch(spelling)
    single = _BY_SPELLING.get(multiple["single"] if multiple else spelling)
    if single is None or (multiple and single.family == "CPU"):
        problem = f"no machine type {text!r}; {did_you_mean(text, list(MACHINE_TYPES), _NAME_OF_LABEL)}"
        raise InvalidInput(problem)
    return _times(single, int(multiple["count"])) if multiple else single


def canonical_machine_type(text: str) -> str:
    """The name for any spelling: "GPU+" is "M4000". Raises InvalidInput with the closest match."""
    return machine_type(text).name


def machine_type_label(name: str) -> str:
    """What a request carries."""
    return machine_type(name).label


def known_machine_type(text: str) -> str:
    """The canonical name where there is one, else the text: for answers, which may name newer types."""
    try:
        return canonical_machine_type(text)
    except InvalidInput:
        return text


def same_family(first: str, second: str) -> bool:
    """Whether a machine may be resized from one type to the other.

    The vendor names no families [INFER]. They are wide here on purpose: where the API then refuses a
    resize, the disk is still there; too narrow a family would replace the machine and lose it.
    """
    try:
        return machine_type(first).family == machine_type(second).family
    except InvalidInput:
        return False


def _times(single: MachineType, count: int) -> MachineType:
    return MachineType(
        f"{single.name}x{count}",
        single.family,
        single.cpus * count,
        single.ram_gb * count,
        single.hourly * count,
        single.regions,
        f"{single.label}x{count}",
    )
