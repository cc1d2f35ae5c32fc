"""Networks, and the default one that cannot be read (paperspace-api.md 1.5); shared drives in them."""

from __future__ import annotations

from tests.sandbox.paperspace.conftest import Api, Serve


def make(api: Api, **changes: object) -> dict:
    return api.post("/private-networks", **{"name": "class", "region": "ny2", **changes})


def test_the_default_network_is_reported_but_reads_null_and_cannot_be_set(api: Api) -> None:
    machine = api.running()
    default = machine["networkId"]
    assert default
    assert api.get(f"/private-networks/{default}") is None
    assert api.get("/private-networks")["items"] == []
    change = {"networkId": default}
    assert api.refused("PUT", f"/machines/{machine['id']}", json=change)[:2] == (404, "NOT_FOUND")


def test_without_the_switch_there_is_no_default_network(serve: Serve) -> None:
    assert serve(default_network=False).running()["networkId"] is None


def test_a_machine_is_created_in_a_network_and_moved_to_another(api: Api) -> None:
    one, other = make(api), make(api, name="other")
    machine = api.running(networkId=one["id"])
    assert machine["privateIp"].rpartition(".")[0] == one["network"].rpartition(".")[0]
    moved = api.put(f"/machines/{machine['id']}", networkId=other["id"])["data"]
    assert moved["networkId"] == other["id"]
    assert moved["privateIp"].rpartition(".")[0] == other["network"].rpartition(".")[0]


def test_a_network_of_another_region_is_refused(api: Api) -> None:
    elsewhere = make(api, region="ams1")["id"]
    machine_id = api.running()["id"]
    assert api.refused("PUT", f"/machines/{machine_id}", json={"networkId": elsewhere})[0] == 400


def test_a_network_in_use_cannot_be_deleted(api: Api) -> None:
    network = make(api)
    machine_id = api.running(networkId=network["id"])["id"]
    assert machine_id in api.refused("DELETE", f"/private-networks/{network['id']}")[2]
    api.delete(f"/machines/{machine_id}")
    api.sandbox.advance(1)
    assert api.delete(f"/private-networks/{network['id']}") == {"id": network["id"]}


def test_a_new_network_takes_the_regions_machines_in_when_asked(api: Api) -> None:
    machine_id = api.running()["id"]
    network = make(api, migrateMachines=True)
    assert api.get(f"/machines/{machine_id}")["networkId"] == network["id"]
    assert api.put(f"/private-networks/{network['id']}", name="new")["name"] == "new"


def test_a_shared_drive_lives_in_a_network(api: Api) -> None:
    network_id = make(api)["id"]
    drive = api.post("/shared-drives", name="data", size=250, region="ny2", networkId=network_id)
    assert drive["size"] == "250"
    assert api.put(f"/shared-drives/{drive['id']}", name="new")["name"] == "new"
    assert api.refused("DELETE", f"/private-networks/{network_id}")[0] == 412
    assert api.delete(f"/shared-drives/{drive['id']}") == {"id": drive["id"]}
    assert api.get("/shared-drives")["items"] == []
