"""Whether a machine type can be had in a region, and the sandbox's own ways of refusing it.

That a shortage may show as a create that is taken and ends `off`, without an error, is from skypilot PR#3197;
its exact path is a guess (paperspace-api.md 2.6).
"""

from __future__ import annotations

from sandbox.paperspace.state.database import Record, Table
from sandbox.paperspace.state.errors import ApiError, Forbidden
from sandbox.paperspace.state.machine_types import MachineType, find_machine_type, machine_type
from sandbox.paperspace.state.regions import find_region, long_name
from sandbox.paperspace.state.world import World, atomic

OUT_OF_CAPACITY = (
    "We are currently out of capacity for the selected VM type. "
    "Try again in a few minutes, or select a different instance."
)


class Capacity(Record):
    """`silent_failures`: how many boots are still going to end `off`; None for all of them."""

    machine_type: str
    region: str
    available: bool = True
    silent_failures: int | None = 0


def _table(world: World) -> Table[Capacity]:
    return world.table("capacities", Capacity, "Capacity")


def _of(world: World, label: str, region: str) -> Capacity:
    return _table(world).find(f"{label} {region}") or Capacity(machine_type=label, region=region)


@atomic
def set_capacity(
    world: World, label: str, region: str, *, available: bool = True, silent_failures: int | None = 0
) -> Capacity:
    """Raises BadRequest for an unknown machine type or region."""
    kind, place = machine_type(label, any_case=True), long_name(region)
    capacity = Capacity(
        machine_type=kind.label, region=place, available=available, silent_failures=silent_failures
    )
    _table(world).put(f"{kind.label} {place}", capacity)
    return capacity


@atomic
def is_available(world: World, label: str, region: str) -> bool:
    """False also for a type or region that does not exist: the operation is described as a filter."""
    kind = find_machine_type(label, any_case=world.settings.machine_type_case == "any")
    place = find_region(region)
    if kind is None or place is None or place not in kind.regions:
        return False
    return _of(world, kind.label, place).available


def refuse_unobtainable(world: World, kind: MachineType, region: str) -> None:
    """Raises Forbidden for a type that needs approval, ApiError where there is no capacity."""
    if kind.label in world.settings.approval_needed:
        message = f"Machine type {kind.label} needs approval. Request access in the console's limits page."
        raise Forbidden(message)
    if not is_available(world, kind.label, region):
        raise ApiError(OUT_OF_CAPACITY, world.settings.out_of_capacity)


def take_silent_failure(world: World, label: str, region: str) -> bool:
    """Whether a boot now ends `off` without a word; counts it."""
    capacity = _of(world, label, region)
    if not capacity.available or capacity.silent_failures is None:
        return True
    if capacity.silent_failures == 0:
        return False
    set_capacity(world, label, region, silent_failures=capacity.silent_failures - 1)
    return True


@atomic
def all_capacities(world: World) -> list[Capacity]:
    return _table(world).all()
