"""Snapshots and custom templates, and who may use a machine (paperspace-api.md 1.3, 1.5)."""

from __future__ import annotations

from tests.sandbox.paperspace.conftest import Api


def test_a_snapshot_is_made_of_a_running_machine_renamed_restored_and_deleted(api: Api) -> None:
    machine_id = api.running()["id"]
    answer = api.post("/snapshots", name="before", machineId=machine_id)
    snapshot_id = answer["data"]["id"]
    assert answer["event"]["name"] == "snapshot-create"
    api.sandbox.advance(1)
    assert api.get(f"/machine-events/{answer['event']['id']}")["state"] == "done"
    assert api.put(f"/snapshots/{snapshot_id}", name="new")["name"] == "new"
    restored = api.post(f"/snapshots/{snapshot_id}/restore", createSnapshotBeforeRestore=True)
    assert restored["event"]["name"] == "snapshot-restore"
    assert len(api.get("/snapshots", machineId=machine_id)["items"]) == 2
    api.delete(f"/snapshots/{snapshot_id}")
    assert api.get(f"/snapshots/{snapshot_id}")["id"] == snapshot_id
    api.sandbox.advance(1)
    assert api.refused("GET", f"/snapshots/{snapshot_id}")[0] == 404


def test_snapshots_go_with_their_machine(api: Api) -> None:
    machine_id = api.running(takeInitialSnapshot=True)["id"]
    assert len(api.get("/snapshots")["items"]) == 1
    api.delete(f"/machines/{machine_id}")
    api.sandbox.advance(1)
    assert api.get("/snapshots")["items"] == []


def test_a_custom_template_is_made_of_a_machine_that_is_off_and_outlives_it(api: Api) -> None:
    running, stopped = api.running(name="on"), api.stopped(name="off")
    refusal = api.refused("POST", "/custom-templates", json={"name": "t", "machineId": running["id"]})
    assert "must be off" in refusal[2]
    template = api.post("/custom-templates", name="t", machineId=stopped["id"])["data"]
    early = {
        "name": "x",
        "machineType": "GPU+",
        "templateId": template["id"],
        "diskSize": 50,
        "region": "ny2",
    }
    assert api.refused("POST", "/machines", json=early)[0] == 404
    api.sandbox.advance(1)
    api.delete(f"/machines/{stopped['id']}")
    api.sandbox.advance(1)
    assert api.running(templateId=template["id"])["os"] == "Fast.ai"
    assert api.put(f"/custom-templates/{template['id']}", name="new")["name"] == "new"
    assert api.delete(f"/custom-templates/{template['id']}")["dtDeleted"]
    assert api.get("/custom-templates")["items"] == []


def test_accessors_are_added_listed_and_removed(api: Api) -> None:
    anna = next(user["id"] for user in api.sandbox.state()["users"] if user["firstName"] == "Anna")
    path = f"/machines/{api.running()['id']}/accessors"
    assert api.post(path, userId=anna)["user"]["email"] == "anna@example.com"
    assert [found["user"]["id"] for found in api.get(path)["items"]] == [anna]
    assert api.delete(f"{path}/{anna}")["dtDeleted"]
    assert api.refused("GET", f"{path}/{anna}")[:2] == (404, "NOT_FOUND")


def test_the_templates_that_are_listed_follow_the_switches(api: Api) -> None:
    def labels() -> set[str]:
        return {found["operatingSystemLabel"] for found in api.get("/os-templates", limit=120)["items"]}

    assert {"Fast.ai", "Ubuntu 22.04 (ML-in-a-Box)"} <= labels()
    api.sandbox.change_settings(list_fast_ai=False, list_ml_in_a_box=False)
    assert {"Fast.ai", "Ubuntu 22.04 (ML-in-a-Box)"} & labels() == set()
