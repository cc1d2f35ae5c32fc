"""The one account of the sandbox: its key, its team, its users (paperspace-api.md 1.4)."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any

from sandbox.paperspace.state.errors import NotFound
from sandbox.paperspace.state.world import World

TEAM_ID = "tqpio01i96"
OWNER = "ur7p0nb7n"
_SINCE = "2024-01-01T00:00:00.000Z"
USERS: dict[str, dict[str, Any]] = {
    OWNER: {"id": OWNER, "email": "teacher@example.com", "firstName": "Terry", "lastName": "Teacher"},
    "uanna0001": {"id": "uanna0001", "email": "anna@example.com", "firstName": "Anna", "lastName": "Student"},
    "uben00002": {"id": "uben00002", "email": "ben@example.com", "firstName": "Ben", "lastName": "Student"},
}


def api_key(world: World) -> str:
    """The account's key, made once."""
    with world.transaction():
        key = world.database.fact("api_key") or secrets.token_hex(16)
        world.database.set_fact("api_key", key)
    return key


def is_key(world: World, text: str) -> bool:
    return secrets.compare_digest(text.encode(), api_key(world).encode())


def refuse_unknown_users(user_ids: Collection[str]) -> None:
    """Raises NotFound."""
    if unknown := [user_id for user_id in user_ids if user_id not in USERS]:
        message = f"User not found: {', '.join(unknown)}"
        raise NotFound(message)


def session(world: World) -> dict[str, Any]:
    """What /auth/session answers for a valid key."""
    return {"user": _user(), "team": _team(world)}


def _user() -> dict[str, Any]:
    team = {
        "id": TEAM_ID,
        "name": "Sandbox",
        "namespace": "sandbox",
        "isUserTeam": False,
        "dtCreated": _SINCE,
    }
    return {
        **USERS[OWNER],
        "dtCreated": _SINCE,
        "dtConfirmed": _SINCE,
        "teamMemberships": [{"team": team | {"dtCreated": _SINCE}, "isOwner": True, "isAdmin": True}],
        "isPhoneVerified": True,
        "isPasswordAuthEnabled": True,
        "isQrCodeBasedMfaEnabled": False,
        "isQrCodeBasedMfaConfirmed": False,
        "preferences": None,
        "analyticsId": 1,
        "metadata": {},
    }


def _team(world: World) -> dict[str, Any]:
    return {
        "id": TEAM_ID,
        "namespace": "sandbox",
        "isPrivate": False,
        "maxMachines": world.settings.max_machines,
        "analyticsId": 1,
    }
