"""Startup scripts: the text goes in and never comes out (paperspace-api.md 1.3, 1.4)."""

from __future__ import annotations

import hashlib

from tests.sandbox.paperspace.conftest import Api


def make(api: Api, **changes: object) -> dict:
    return api.post("/startup-scripts", **{"name": "anna", "script": "touch /one", **changes})


def test_the_text_is_never_answered(api: Api) -> None:
    script = make(api)
    answers = [script, api.get(f"/startup-scripts/{script['id']}"), *api.get("/startup-scripts")["items"]]
    assert all("script" not in answer and "touch" not in str(answer) for answer in answers)


def test_a_new_text_is_kept(api: Api) -> None:
    script_id = make(api)["id"]
    assert (
        api.put(f"/startup-scripts/{script_id}", script="touch /two", isEnabled=False)["isEnabled"] is False
    )
    [kept] = api.sandbox.state()["startup_scripts"]
    assert kept["scriptSha256"] == hashlib.sha256(b"touch /two").hexdigest()


def test_a_create_with_a_script_assigns_it_and_a_delete_of_the_machine_unassigns_it(api: Api) -> None:
    script_id = make(api)["id"]
    machine_id = api.running(startupScriptId=script_id)["id"]
    assert api.get(f"/startup-scripts/{script_id}")["assignedMachineIds"] == [machine_id]
    api.delete(f"/machines/{machine_id}")
    api.sandbox.advance(1)
    assert api.get(f"/startup-scripts/{script_id}")["assignedMachineIds"] == []


def test_assign_and_unassign(api: Api) -> None:
    script_id, machine_id = make(api)["id"], api.stopped()["id"]
    path = f"/startup-scripts/{script_id}"
    assert api.post(f"{path}/assign", machineId=machine_id)["assignedMachineIds"] == [machine_id]
    assert api.post(f"{path}/unassign", machineId=machine_id)["assignedMachineIds"] == []
    assert api.refused("POST", f"{path}/assign", json={"machineId": "ps0"})[:2] == (404, "NOT_FOUND")


def test_a_deleted_script_answers_once_more_with_its_date_and_is_gone(api: Api) -> None:
    script_id = make(api)["id"]
    assert api.delete(f"/startup-scripts/{script_id}")["dtDeleted"]
    assert api.refused("GET", f"/startup-scripts/{script_id}")[:2] == (404, "NOT_FOUND")


def test_there_is_no_operation_that_runs_a_script(api: Api) -> None:
    script_id = make(api)["id"]
    assert api.refused("POST", f"/startup-scripts/{script_id}/run")[0] == 501
