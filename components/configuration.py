"""The stack's configuration, read from Pulumi and checked before any resource is registered."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.runtime import config, get_config_env

from components import agent, cost, preflight, previous, settings, ssh
from components.settings import SECRETS, InvalidSettings, Problem, Settings


def load() -> Settings:
    """The checked settings of the present stack. Raises pulumi.RunError that lists all problems."""
    raw = without_namespace({**get_config_env(), **config.CONFIG.get()}, pulumi.get_project())
    template = str(raw.get("template") or Settings().template)
    stored = previous.present_outputs()
    found, parsed = [], None
    try:
        parsed = settings.parse(raw)
    except InvalidSettings as invalid:
        found = invalid.problems
    found = [*found, *in_clear(raw), *dead_agent(), *preflight.problems(template, stored)]
    if parsed:
        found += preflight.restore_problems(parsed, pulumi.get_stack(), stored)
    if parsed is None or found:
        raise pulumi.RunError(str(InvalidSettings(found)))
    ssh.get_ready()
    if warning := cost.endless(parsed):
        pulumi.log.warn(warning)
    return parsed


def dead_agent() -> list[Problem]:
    """A preview runs no step: there it is only a warning."""
    found = agent.problem()
    if found and pulumi.runtime.is_dry_run():
        pulumi.log.warn(str(found))
        return []
    return [found] if found else []


def in_clear(raw: dict[str, Any]) -> list[Problem]:
    """Secrets that lie in the stack's file for all to read."""
    return [
        Problem(key, "[secret]", f"it is in clear; set it with: pulumi config set --secret {key}")
        for key in SECRETS
        if raw.get(key) and not config.is_config_secret(f"{pulumi.get_project()}:{key}")
    ]


def without_namespace(configured: dict[str, Any], project: str) -> dict[str, Any]:
    """The project's own keys; other namespaces belong to Pulumi and its plugins."""
    prefix = f"{project}:"
    return {key.removeprefix(prefix): value for key, value in configured.items() if key.startswith(prefix)}
