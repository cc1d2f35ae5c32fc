"""Which change is no change, an update, or the loss of the disk."""

from __future__ import annotations

from typing import Any

import pytest

from provider import templates
from provider.differences import PLACE, UPDATE, Difference, difference
from provider.inputs import INPUT_NAMES
from provider.models import OsTemplate
from provider.unknown import UNKNOWN
from tests.machine_inputs import MACHINE

OUTPUTS = MACHINE | {
    "machine_type": "M4000",
    "region": "East Coast (NY2)",
    "template_id": "tzd1e8km",
    "__provider": "x",
}
TEMPLATES = [
    OsTemplate(id="tzd1e8km", name="fast.ai", operating_system_label="Fast.ai"),
    OsTemplate(id="tvimtol9", name="mliab-u22", operating_system_label="Ubuntu 22.04 (ML-in-a-Box)"),
]


def find(wanted: str) -> OsTemplate:
    return templates.choose(TEMPLATES, wanted)


def no_request(_wanted: str) -> OsTemplate:
    pytest.fail("the API was asked")


def changed(**news: Any) -> Difference:
    return difference(OUTPUTS, MACHINE | news, find)


def test_nothing_changed_asks_nothing() -> None:
    assert difference(OUTPUTS, MACHINE, no_request).is_empty


def test_every_input_has_its_rule() -> None:
    only_at_create = {"adopt"}
    assert set(INPUT_NAMES) == UPDATE | PLACE | only_at_create | {"template", "network"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "ada-2"),
        ("identity", "SHA256:2"),
        ("disk_size", 100),
        ("public_ip_type", "dynamic"),
        ("auto_snapshot", {"enabled": True, "frequency": "daily", "keep": 1}),
        ("auto_shutdown", {"hours": 24, "force": False}),
        ("startup_script", "#!/bin/sh\nfalse\n"),
        ("power", "stopped"),
        ("accessors", ["u1"]),
        ("network", "nx1"),
        ("machine_types", ["P5000"]),
    ],
)
def test_these_are_updates_in_place(key: str, value: Any) -> None:
    assert changed(**{key: value}) == Difference([key], [])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("regions", ["Europe (AMS1)"]),
        ("machine_types", ["C5"]),
        ("template", "Ubuntu 22.04 (ML-in-a-Box)"),
        ("template", "no longer there"),
    ],
)
def test_these_replace_the_machine(key: str, value: Any) -> None:
    assert changed(**{key: value}) == Difference([], [key])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("regions", ["Europe (AMS1)", "East Coast (NY2)"]),
        ("machine_types", ["P5000", "M4000", "C5"]),
        ("template", "Fast.ai"),
        ("template", "tzd1e8km"),
        ("adopt", "ps9"),
    ],
)
def test_these_are_no_change(key: str, value: Any) -> None:
    assert changed(**{key: value}).is_empty


@pytest.mark.parametrize("key", MACHINE)
def test_an_unknown_value_never_replaces_and_never_hides_a_change(key: str) -> None:
    found = changed(**{key: UNKNOWN})
    assert (found.replaces, found.updates) == ([], [key])


@pytest.mark.parametrize("key", ["regions", "machine_types"])
def test_an_unknown_entry_of_a_list_never_replaces(key: str) -> None:
    assert changed(**{key: [UNKNOWN]}).replaces == []


def test_numbers_from_state_are_floats_and_equal() -> None:
    floats = OUTPUTS | {"disk_size": 50.0, "auto_shutdown": {"hours": 8.0, "force": False}}
    assert difference(floats, MACHINE, no_request).is_empty


def test_leaving_a_network_replaces() -> None:
    found = difference(OUTPUTS | {"network": "nx1"}, MACHINE, no_request)
    assert found == Difference([], ["network"])
