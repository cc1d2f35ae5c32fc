"""Whatever the API answers, the provider either understands it or says so; it never falls over."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from provider.answers import Answer, json_of
from provider.catalog import MACHINE_TYPES, REGIONS
from provider.differences import difference
from provider.errors import PaperspaceError, UnexpectedAnswer
from provider.models import Machine, MachineEvent, OsTemplate, PublicIp, StartupScript, parse
from provider.outputs import outputs_of
from tests.machine_inputs import MACHINE
from tests.provider.test_differences import OUTPUTS, no_request
from tests.provider.test_models import ANSWER

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ANY_FIELD = st.sampled_from([*ANSWER, "autoSnapshotEnabled", "autoShutdownTimeout", "publicIp", "dtDeleted"])
MODELS = st.sampled_from([Machine, MachineEvent, OsTemplate, PublicIp, StartupScript])


@given(st.integers(100, 599), st.text(max_size=40) | ANY_JSON.map(json.dumps), st.text(max_size=10))
def test_any_status_and_body_become_json_or_one_of_our_errors(status: int, text: str, header: str) -> None:
    answer = Answer("GET", "/machines", status, {"Retry-After": header, "Content-Type": header}, text)
    try:
        json_of(answer)
    except PaperspaceError:
        return
    assert answer.is_success


@given(MODELS, ANY_JSON)
def test_any_json_becomes_an_object_or_an_unexpected_answer(model: Any, body: Any) -> None:
    try:
        assert isinstance(parse(model, body, "GET /x"), model)
    except UnexpectedAnswer:
        return


@given(st.dictionaries(ANY_FIELD, ANY_JSON, max_size=4))
def test_any_machine_that_is_understood_has_outputs(changes: dict[str, Any]) -> None:
    try:
        machine = parse(Machine, ANSWER | changes, "GET /machines/ps1")
    except UnexpectedAnswer:
        return
    outputs = outputs_of(machine, OUTPUTS, api_url="u", team_id="te", template_id="t", startup_script_id="s")
    json.dumps(outputs, allow_nan=False)


@given(st.permutations(list(REGIONS)), st.permutations(list(MACHINE_TYPES)), st.data())
def test_no_order_and_no_addition_of_wishes_is_a_change(
    regions: list[str], types: list[str], data: st.DataObject
) -> None:
    others = data.draw(st.sets(st.sampled_from(types)))
    wished = [name for name in types if name in others or name == OUTPUTS["machine_type"]]
    assert difference(OUTPUTS, MACHINE | {"regions": regions, "machine_types": wished}, no_request).is_empty
