"""Pages: order, limit, cursor, and what the last one says (paperspace-api.md 1.1)."""

from __future__ import annotations

import pytest

from tests.sandbox.paperspace.conftest import Api, Serve


def claim(api: Api, count: int) -> list[str]:
    """Addresses, the oldest first."""
    return [api.post("/public-ips", region="ny2")["ip"] for _ in range(count)]


def all_pages(api: Api, path: str, **parameters: object) -> list[dict]:
    items, after = [], {}
    while True:
        page = api.get(path, **parameters, **after)
        items += page["items"]
        if not page["hasMore"]:
            return items
        after = {"after": page["nextPage"]}


def test_pages_hold_every_item_once_and_the_newest_first(api: Api) -> None:
    claimed = claim(api, 5)
    pages = all_pages(api, "/public-ips", limit=2)
    assert [item["ip"] for item in pages] == claimed[::-1]
    assert [item["ip"] for item in all_pages(api, "/public-ips", limit=2, order="asc")] == claimed


def test_a_page_without_limit_has_the_sandboxs_own_size(api: Api) -> None:
    claim(api, 11)
    page = api.get("/public-ips")
    assert (len(page["items"]), page["hasMore"]) == (10, True)
    assert len(api.get("/public-ips", limit=120)["items"]) == 11


def test_removing_the_items_of_a_page_does_not_lose_the_next(api: Api) -> None:
    claimed = claim(api, 4)
    first = api.get("/public-ips", limit=2)
    for item in first["items"]:
        api.delete(f"/public-ips/{item['ip']}")
    rest = api.get("/public-ips", limit=2, after=first["nextPage"])
    assert [item["ip"] for item in rest["items"]] == claimed[1::-1]


@pytest.mark.parametrize(
    ("switch", "says"), [("absent", {}), ("null", {"nextPage": None}), ("empty", {"nextPage": ""})]
)
def test_the_end_of_the_pages_follows_the_switch(serve: Serve, switch: str, says: dict) -> None:
    assert serve(end_of_pages=switch).get("/machines") == {"hasMore": False, "items": [], **says}


def test_machines_are_ordered_by_name_or_state_too(api: Api) -> None:
    for name in ("ben", "anna", "cleo"):
        api.create(name=name)
    ordered = api.get("/machines", orderBy="name", order="asc")["items"]
    assert [machine["name"] for machine in ordered] == ["anna", "ben", "cleo"]


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 121}, {"orderBy": "colour"}, {"order": "up"}, {"after": "%"}]
)
def test_a_wrong_query_is_refused(api: Api, query: dict) -> None:
    assert api.refused("GET", "/machines", params=query)[:2] == (400, "BAD_REQUEST")
