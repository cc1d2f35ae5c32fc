"""Which keys a machine lets in: the stack's own, the student's, and whether others may stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components import guest_files
from components.step import Plan, Step
from components.step_component import StepComponent

NAME = "authorized-keys"
TOLD = 5


class AuthorizedKeys(StepComponent):
    """The student's ~/.ssh/authorized_keys, also after the first boot."""

    TYPE = "fastai:paperspace:AuthorizedKeys"
    STEP = NAME


def authorized_keys_step(stacks_key: str, own_key: str, *, remove_foreign: bool) -> Step:
    """The step for the stack's key and the student's own (or ""). Others are told of, or removed."""
    keys = [key for key in (stacks_key.strip(), own_key.strip()) if key]
    named = {"OWN_KEYS": "\n".join(keys), "REMOVE_FOREIGN": "yes" if remove_foreign else "no"}
    common = guest_files.with_variables(guest_files.read("authorized_keys_common.sh"), named)
    body = common + guest_files.read("authorized_keys_apply.sh")
    declared = " and ".join(["of the stack", "of your own"][: len(keys)])

    def plan(facts: Mapping[str, str]) -> Plan:
        others = list(foreign(facts))
        if not remove_foreign:
            return Plan(f"{NAME}: {declared}", body, tuple(warnings(others)))
        goes = f"; goes: {listed(others)}" if others else ""
        return Plan(f"{NAME}: {declared}, no others{goes}", body)

    return Step(NAME, common + guest_files.read("authorized_keys_check.sh"), plan)


def foreign(facts: Mapping[str, str]) -> Iterator[str]:
    """ "SHA256:… comment" of each key on the machine that is not the stack's."""
    for name, value in facts.items():
        if name.startswith("foreign_"):
            yield value.strip()


def warnings(others: list[str]) -> Iterator[str]:
    if others:
        yield (
            f"~/.ssh/authorized_keys on the machine lets in keys that are not the stack's: {listed(others)}. "
            "Whoever has them is in. `pulumi config set remove_foreign_keys true` removes them at the next up"
        )


def listed(others: list[str]) -> str:
    more = [f"and {len(others) - TOLD} more"] if len(others) > TOLD else []
    return ", ".join([*others[:TOLD], *more])
