"""Whose key it is."""

from __future__ import annotations

from dataclasses import dataclass

from provider.client import PaperspaceClient
from provider.errors import Unauthorized
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
