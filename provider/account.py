"""Whose key it is, and that what belongs to another team never looks gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provider.client import PaperspaceClient
from provider.errors import Unauthorized, WrongTeam
from provider.models import Session, parse

PATH = "/auth/session"


@dataclass(frozen=True)
class Account:
    """`max_machines` is the team's quota, the only one that the API tells (paperspace-api.md 1.4)."""

    team_id: str
    max_machines: int | None


def signed_in(client: PaperspaceClient) -> Account:
    """The account of the key. Raises Unauthorized: for a wrong key the API answers 200 and `null`."""
    answer = client.get(PATH)
    if answer is None:
        raise Unauthorized(401, "UNAUTHORIZED", "the API key is not valid", "GET", PATH)
    team = parse(Session, answer, f"GET {PATH}").team
    return Account(team.id, team.max_machines)


def origin(client: PaperspaceClient) -> dict[str, str]:
    """`api_url` and `team_id`, for the state of what is made now: where and whose it is."""
    return {"api_url": client.url, "team_id": signed_in(client).team_id}


def refuse_other_team(client: PaperspaceClient, resource_id: str, properties: Mapping[str, Any]) -> None:
    """To be asked before something counts as gone: the API hides other teams' resources behind 404.

    Raises WrongTeam. State of an earlier version holds no team, and is believed.
    """
    recorded = properties.get("team_id")
    if recorded and recorded != (present := signed_in(client).team_id):
        raise WrongTeam(resource_id, str(recorded), present)
