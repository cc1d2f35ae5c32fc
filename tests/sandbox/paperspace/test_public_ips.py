"""Static and dynamic addresses (paperspace-api.md 1.4, 1.5)."""

from __future__ import annotations

from tests.sandbox.paperspace.conftest import Api


def assignments(api: Api) -> dict[str, str | None]:
    return {item["ip"]: item.get("assignedMachineId") for item in api.get("/public-ips")["items"]}


def test_the_answer_to_a_create_with_a_static_address_holds_it(api: Api) -> None:
    machine = api.create()["data"]
    assert assignments(api) == {machine["publicIp"]: machine["id"]}


def test_addresses_are_in_the_sandboxs_own_loopback_block(api: Api) -> None:
    port = int(api.sandbox.url.rpartition(":")[2].removesuffix("/v1"))
    assert api.create()["data"]["publicIp"].startswith(f"127.{1 + port % 250}.")


def test_a_static_address_outlives_stop_and_start(api: Api) -> None:
    machine = api.running()
    api.patch(f"/machines/{machine['id']}/stop")
    assert api.later(machine["id"], "off")["publicIp"] == machine["publicIp"]
    api.patch(f"/machines/{machine['id']}/start")
    assert api.later(machine["id"], "ready")["publicIp"] == machine["publicIp"]


def test_a_static_address_survives_its_machine_and_is_billed_on(api: Api) -> None:
    machine = api.running()
    api.delete(f"/machines/{machine['id']}")
    api.sandbox.advance(1)
    assert assignments(api) == {machine["publicIp"]: None}
    assert api.sandbox.state()["per_hour"]["addresses"] > 0
    assert api.delete(f"/public-ips/{machine['publicIp']}") == {"ip": machine["publicIp"]}
    assert assignments(api) == {}


def test_an_assigned_address_can_be_released_before_the_machine_is_deleted(api: Api) -> None:
    machine = api.running()
    api.delete(f"/public-ips/{machine['publicIp']}")
    assert api.get(f"/machines/{machine['id']}")["publicIp"] is None
    assert api.refused("DELETE", f"/public-ips/{machine['publicIp']}")[:2] == (404, "NOT_FOUND")


def test_a_dynamic_address_comes_with_power_and_is_another_each_time(api: Api) -> None:
    answer = api.create(publicIpType="dynamic")["data"]
    assert answer["publicIp"] is None
    first = api.later(answer["id"], "ready")["publicIp"]
    assert first
    api.patch(f"/machines/{answer['id']}/stop")
    assert api.later(answer["id"], "off")["publicIp"] is None
    api.patch(f"/machines/{answer['id']}/start")
    assert api.later(answer["id"], "ready")["publicIp"] not in (None, first)
    assert assignments(api) == {}


def test_a_machine_without_public_address_never_shows_one(api: Api) -> None:
    assert api.running(publicIpType="none")["publicIp"] is None


def test_a_claimed_address_is_moved_from_machine_to_machine(api: Api) -> None:
    one, other = api.running(name="one"), api.running(name="other", publicIpType="dynamic")
    address = one["publicIp"]
    assert api.put(f"/public-ips/{address}", machineId=other["id"])["assignedMachineId"] == other["id"]
    moved = api.later(other["id"], "ready")
    assert (moved["publicIp"], moved["publicIpType"]) == (address, "static")
    assert api.later(one["id"], "ready")["publicIp"] is None
    assert "assignedMachineId" not in api.put(f"/public-ips/{address}", machineId=None)


def test_an_address_stays_in_its_region(api: Api) -> None:
    machine = api.running()
    address = api.post("/public-ips", region="ams1")["ip"]
    assert api.refused("PUT", f"/public-ips/{address}", json={"machineId": machine["id"]})[0] == 400
    assert len(api.get("/public-ips", region="Europe (AMS1)")["items"]) == 1


def test_a_running_machine_keeps_its_address_when_it_becomes_static(api: Api) -> None:
    machine = api.running(publicIpType="dynamic")
    changed = api.put(f"/machines/{machine['id']}", publicIpType="static")
    assert "event" not in changed
    assert changed["data"]["publicIp"] == machine["publicIp"]
    assert assignments(api) == {machine["publicIp"]: machine["id"]}


def test_a_static_address_stays_claimed_when_the_machine_becomes_dynamic(api: Api) -> None:
    machine = api.running()
    api.put(f"/machines/{machine['id']}", publicIpType="dynamic")
    changed = api.later(machine["id"], "ready")
    assert changed["publicIp"] not in (None, machine["publicIp"])
    assert assignments(api) == {machine["publicIp"]: None}


def test_no_address_is_given_twice_while_it_is_in_use(api: Api) -> None:
    machines = [api.running(name=str(number), publicIpType=kind)["publicIp"]
                for number, kind in enumerate(["static", "dynamic"] * 3)]  # fmt: skip
    claimed = [api.post("/public-ips", region="ny2")["ip"] for _ in range(3)]
    assert len({*machines, *claimed}) == 9
