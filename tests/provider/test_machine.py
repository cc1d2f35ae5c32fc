"""The Pulumi shell: what is stored of the provider, and how Pulumi's values are handed on and back."""

from __future__ import annotations

import base64
import pickle
import traceback
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.dynamic.dynamic import serialize_provider

from provider.machine import COMPUTED, Machine, MachineProvider
from tests.provider.scripted_api import Answer, ScriptedApi
from tests.provider.test_checks import GOOD

STORED_IN_STATE = "gASVKwAAAAAAAACMEHByb3ZpZGVyLm1hY2hpbmWUjA9NYWNoaW5lUHJvdmlkZXKUk5QpgZQu"
SESSION = Answer({"user": {}, "team": {"id": "tq1", "maxMachines": 2}})
UNKNOWN = pulumi.output.UNKNOWN


@pytest.fixture(autouse=True)
def environment(api: ScriptedApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAPERSPACE_API_URL", api.url)
    monkeypatch.setenv("PAPERSPACE_API_KEY", "k")
    monkeypatch.setenv("HOME", str(tmp_path))


def test_states_written_by_earlier_versions_can_be_deleted() -> None:
    """Delete unpickles these bytes: changing them, or the path in them, orphans every machine."""
    assert serialize_provider(MachineProvider()) == STORED_IN_STATE
    assert isinstance(pickle.loads(base64.b64decode(STORED_IN_STATE)), MachineProvider)
    assert MachineProvider.serialize_as_secret_always is False


def test_the_type_token_is_part_of_the_state_too() -> None:
    assert Machine._resource_type_name == "dynamic/paperspace:Machine"


def test_check_gives_unknown_values_back_to_pulumi_and_asks_nothing_for_an_unknown_template() -> None:
    news = GOOD | {"template": UNKNOWN, "startup_script": UNKNOWN, "auto_shutdown": {"hours": UNKNOWN}}
    result = MachineProvider().check({}, news)
    assert result.failures == []
    assert isinstance(result.inputs["startup_script"], pulumi.output.Unknown)
    assert isinstance(result.inputs["auto_shutdown"]["hours"], pulumi.output.Unknown)


def test_check_tells_all_problems_and_needs_no_api_for_them(api: ScriptedApi) -> None:
    result = MachineProvider().check({}, GOOD | {"disk_size": 60.0, "regions": ["NY3"], "__provider": "x"})
    assert {failure.property for failure in result.failures} == {"disk_size", "regions"}
    assert api.requests == []


def test_check_names_an_unknown_template(api: ScriptedApi) -> None:
    listed = {"id": "tzd1e8km", "name": "fast.ai", "operatingSystemLabel": "Fast.ai"}
    api.script(SESSION, Answer({"items": [listed], "hasMore": False}))
    [failure] = MachineProvider().check({}, GOOD | {"template": "fastia"}).failures
    assert failure.property == "template"
    assert "no template 'fastia'" in failure.reason
    assert "Fast.ai (tzd1e8km)" in failure.reason


def test_check_names_a_missing_key_and_where_to_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAPERSPACE_API_KEY")
    monkeypatch.delenv("PAPERSPACE_API_URL")
    [failure] = MachineProvider().check({}, GOOD).failures
    assert failure.property == "PAPERSPACE_API_KEY"
    assert "export PAPERSPACE_API_KEY" in failure.reason


def test_check_names_a_key_that_is_not_valid(api: ScriptedApi) -> None:
    api.script(Answer(None))
    [failure] = MachineProvider().check({}, GOOD).failures
    assert failure.property == "PAPERSPACE_API_KEY"
    assert "give a valid key in PAPERSPACE_API_KEY" in failure.reason


def test_a_converged_check_asks_nothing(api: ScriptedApi) -> None:
    assert MachineProvider().check(GOOD, GOOD).failures == []
    assert api.requests == []


OUTPUTS: dict[str, Any] = GOOD | {
    "machine_type": "M4000",
    "region": "East Coast (NY2)",
    "template_id": "tzd1e8km",
    "disk_size": 50.0,
}


def diff(**news: Any) -> pulumi.dynamic.DiffResult:
    return MachineProvider().diff("ps1", dict(OUTPUTS), GOOD | {"disk_size": 50.0} | news)


def test_an_ordinary_change_lets_the_engine_show_the_properties() -> None:
    assert diff(disk_size=100.0).changes is None


def test_another_order_of_regions_overrules_the_engines_comparison() -> None:
    assert diff(regions=["Europe (AMS1)", "East Coast (NY2)"]).changes is False


def test_an_unknown_template_does_not_replace() -> None:
    found = diff(template=UNKNOWN)
    assert (found.changes, found.replaces) == (None, [])


def test_every_output_can_be_reached_in_a_program() -> None:
    annotated = set(Machine.__annotations__)
    assert set(COMPUTED) <= annotated


def test_the_machine_that_is_gone_reads_as_gone(api: ScriptedApi) -> None:
    api.script(Answer({"code": "NOT_FOUND", "message": "no"}, 404), Answer({"items": [], "hasMore": False}))
    result = MachineProvider().read("ps1", OUTPUTS | {"api_url": api.url})
    assert (result.id, result.outs) == ("", {})


def test_another_address_is_no_sign_that_the_machine_is_gone(api: ScriptedApi) -> None:
    elsewhere = OUTPUTS | {"api_url": "https://api.paperspace.com/v1"}
    provider = MachineProvider()
    refused = r"made at https://api\.paperspace\.com/v1, .*run again with PAPERSPACE_API_URL=https://api"
    with pytest.raises(Exception, match=refused):
        provider.read("ps1", elsewhere)
    with pytest.raises(Exception, match=refused):
        provider.update("ps1", elsewhere, GOOD)
    with pytest.raises(Exception, match=refused):
        provider.delete("ps1", elsewhere)
    assert api.requests == []


def test_an_expected_failure_is_told_without_the_providers_inner_frames(api: ScriptedApi) -> None:
    with pytest.raises(Exception, match="run again with") as caught:
        MachineProvider().read("ps1", OUTPUTS | {"api_url": "https://api.paperspace.com/v1"})
    assert "lifecycle.py" not in "".join(traceback.format_exception(caught.value))
