"""The life of a machine, as paperspace-api.md 1.5 tells it."""

from __future__ import annotations

import pytest

from tests.sandbox.paperspace.conftest import NEW_MACHINE, Api, Serve


def test_create_answers_at_once_and_the_machine_is_ready_later(api: Api) -> None:
    answer = api.create()
    machine_id = answer["data"]["id"]
    assert (answer["event"]["name"], answer["event"]["state"]) == ("create", "new")
    assert api.get(f"/machine-events/{answer['event']['id']}")["state"] == "in progress"
    assert api.get(f"/machines/{machine_id}")["state"] == "provisioning"
    api.sandbox.advance(2)
    assert api.get(f"/machines/{machine_id}")["state"] == "ready"
    event = api.get(f"/machine-events/{answer['event']['id']}")
    assert (event["state"], event["error"]) == ("done", None)
    assert event["dtFinished"] > event["dtStarted"]


def test_a_machine_that_is_not_started_on_create_ends_off(api: Api) -> None:
    assert api.stopped()["publicIp"]


@pytest.mark.parametrize("spelling", ["ny2", "NY2", "East Coast (NY2)"])
def test_every_spelling_of_a_region_is_answered_in_the_long_form(api: Api, spelling: str) -> None:
    assert api.create(region=spelling)["data"]["region"] == "East Coast (NY2)"
    assert len(api.get("/machines", region=spelling)["items"]) == 1


def test_int64_values_are_decimal_strings(api: Api) -> None:
    machine = api.create()["data"]
    assert machine["storageTotal"] == str(50 * 1024**3)
    assert machine["ram"] == str(30 * 1024**3)
    assert machine["accelerators"] == [{"name": "M4000", "memory": str(8 * 1024**3), "count": 1}]


def test_int64_values_are_numbers_with_the_switch_off(serve: Serve) -> None:
    machine = serve(int64_as_strings=False).create()["data"]
    assert (machine["storageTotal"], machine["ram"]) == (50 * 1024**3, 30 * 1024**3)


def test_the_rates_are_the_list_prices(api: Api) -> None:
    machine = api.create(machineType="A4000", diskSize=250)["data"]
    assert (machine["usageRate"], machine["storageRate"]) == (0.76, 10)


def test_inputs_that_the_api_forgets_are_not_answered(api: Api) -> None:
    machine = api.create()["data"]
    forgotten = {"templateId", "startupScriptId", "accessorIds", "diskSize", "password", "guestAddress"}
    assert forgotten & machine.keys() == set()


def test_start_of_a_running_machine_and_stop_of_one_that_is_off_are_refused(api: Api) -> None:
    running, stopped = api.running(name="on"), api.stopped(name="off")
    assert api.refused("PATCH", f"/machines/{running['id']}/start")[:2] == (400, "BAD_REQUEST")
    assert api.refused("PATCH", f"/machines/{stopped['id']}/stop")[:2] == (400, "BAD_REQUEST")


def test_start_while_starting_says_so(api: Api) -> None:
    machine_id = api.stopped()["id"]
    api.patch(f"/machines/{machine_id}/start")
    message = api.refused("PATCH", f"/machines/{machine_id}/start")[2]
    assert message == "This machine is currently starting."


def test_redundant_power_changes_nothing_where_the_switch_says_so(serve: Serve) -> None:
    api = serve(redundant_power="no-op")
    machine_id = api.running()["id"]
    answer = api.patch(f"/machines/{machine_id}/start")
    assert (answer["event"]["state"], answer["data"]["state"]) == ("done", "ready")


def test_stop_and_start_pass_through_their_states(api: Api) -> None:
    machine_id = api.running()["id"]
    assert api.patch(f"/machines/{machine_id}/stop")["data"]["state"] == "stopping"
    api.later(machine_id, "off")
    assert api.patch(f"/machines/{machine_id}/start")["data"]["state"] == "starting"
    api.later(machine_id, "ready")


def test_a_restarting_machine_reads_ready_for_a_while(api: Api) -> None:
    machine_id = api.running()["id"]
    event_id = api.patch(f"/machines/{machine_id}/restart")["event"]["id"]
    assert api.get(f"/machines/{machine_id}")["state"] == "ready"
    api.sandbox.advance(0.5)
    assert api.get(f"/machines/{machine_id}")["state"] == "restarting"
    assert api.get(f"/machine-events/{event_id}")["state"] == "in progress"
    api.sandbox.advance(1)
    assert api.get(f"/machines/{machine_id}")["state"] == "ready"
    assert api.get(f"/machine-events/{event_id}")["state"] == "done"


def test_a_deleted_machine_is_readable_for_a_while_and_then_gone(api: Api) -> None:
    machine_id = api.running()["id"]
    event_id = api.delete(f"/machines/{machine_id}")["event"]["id"]
    assert api.get(f"/machines/{machine_id}")["state"] == "stopping"
    api.sandbox.advance(0.5)
    assert api.refused("GET", f"/machines/{machine_id}")[:2] == (404, "NOT_FOUND")
    assert api.refused("DELETE", f"/machines/{machine_id}")[:2] == (404, "NOT_FOUND")
    assert api.get(f"/machine-events/{event_id}")["state"] == "done"


def test_delete_of_a_provisioning_machine_cancels_its_create(api: Api) -> None:
    answer = api.create()
    api.delete(f"/machines/{answer['data']['id']}")
    api.sandbox.advance(60)
    assert api.get("/machines")["items"] == []
    assert api.get(f"/machine-events/{answer['event']['id']}")["state"] == "cancelled"


def test_a_running_machine_cannot_be_deleted_where_the_switch_says_so(serve: Serve) -> None:
    api = serve(delete_while_running=False)
    running, stopped = api.running(name="on"), api.stopped(name="off")
    assert api.refused("DELETE", f"/machines/{running['id']}")[0] == 400
    api.delete(f"/machines/{stopped['id']}")


def test_events_end_in_error_without_text_where_the_switch_says_so(serve: Serve) -> None:
    api = serve(events_end_in_error_without_text=True)
    event_id = api.create()["event"]["id"]
    api.sandbox.advance(2)
    event = api.get(f"/machine-events/{event_id}")
    assert (event["state"], event["error"]) == ("error", None)
    assert event["dtFinished"]


def test_names_need_not_be_unique_and_their_filter_is_partial(api: Api) -> None:
    for name in ("anna", "anna", "joanna", "ben"):
        api.create(name=name)
    assert len(api.get("/machines", name="anna")["items"]) == 3


def test_the_name_filter_is_exact_where_the_switch_says_so(serve: Serve) -> None:
    api = serve(name_filter="exact")
    for name in ("anna", "joanna"):
        api.create(name=name)
    assert [machine["name"] for machine in api.get("/machines", name="anna")["items"]] == ["anna"]


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"machineType": "M4000"}, 400, "Invalid machine type: M4000"),
        ({"region": "moon"}, 400, "Invalid region: moon"),
        ({"diskSize": 60}, 400, "Invalid disk size: 60. Allowed: 50, 100, 250, 500, 1000, 2000"),
        ({"templateId": "t0000000"}, 404, "Template not found: t0000000"),
        ({"templateId": "tvimtol9"}, 400, "Invalid disk size: 50. It must be at least 100"),
        ({"startupScriptId": "ss0"}, 404, "Startup script not found: ss0"),
        ({"networkId": "n0"}, 404, "Private network not found: n0"),
        ({"machineType": "RTX5000", "region": "ams1"}, 400, "not available in Europe"),
        ({"machineType": "H100", "templateId": "tilqt47t", "diskSize": 100}, 403, "needs approval"),
        ({"accessorIds": ["unobody"]}, 404, "User not found: unobody"),
        ({"restorePointEnabled": True}, 400, "takeInitialSnapshot"),
    ],
)
def test_a_refused_create_leaves_nothing(api: Api, change: dict, status: int, says: str) -> None:
    answer = api.refused("POST", "/machines", json=NEW_MACHINE | change)
    assert (answer[0], says in answer[2]) == (status, True), answer
    state = api.sandbox.state()
    assert (state["machines"], state["public_ips"]) == ([], [])


def test_the_quota_of_the_team_is_kept(serve: Serve) -> None:
    api = serve(max_machines=1)
    api.create()
    assert api.refused("POST", "/machines", json=NEW_MACHINE)[:2] == (403, "FORBIDDEN")
    assert api.get("/auth/session")["team"]["maxMachines"] == 1


def test_a_stop_before_the_restart_begins_cancels_it(api: Api) -> None:
    machine_id = api.running()["id"]
    event_id = api.patch(f"/machines/{machine_id}/restart")["event"]["id"]
    api.patch(f"/machines/{machine_id}/stop")
    api.later(machine_id, "off")
    assert api.get(f"/machine-events/{event_id}")["state"] == "cancelled"
    api.later(machine_id, "off")


def test_a_second_restart_is_refused_while_the_first_is_going_on(api: Api) -> None:
    machine_id = api.running()["id"]
    api.patch(f"/machines/{machine_id}/restart")
    assert api.refused("PATCH", f"/machines/{machine_id}/restart")[0] == 400
