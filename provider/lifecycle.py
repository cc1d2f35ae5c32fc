"""The life cycle of a machine: functions on plain dicts, a front to one module each. Knows no Pulumi.

olds in check: the old inputs; olds elsewhere: the outputs in state. news: the inputs as the program has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from provider import account, changes, checks, create, reading, removal, templates
from provider.checks import Problem
from provider.client import PaperspaceClient
from provider.credentials import KEY_VARIABLE, URL_VARIABLE
from provider.differences import Difference, difference
from provider.endpoint import refuse_other_endpoint
from provider.errors import (
    InvalidInput,
    MissingApiKey,
    PaperspaceError,
    Unauthorized,
    UnknownTemplate,
)
from provider.foresight import foresee, refuse_hopeless
from provider.models import OsTemplate
from provider.outputs import Properties
from provider.unknown import contains_unknown
from provider.waiting import Waiter

Given = Mapping[str, Any]
Connect = Callable[[], PaperspaceClient]


def check(connect: Connect, olds: Given, news: Given, waiter: Waiter) -> tuple[Properties, list[Problem]]:
    """The canonical inputs and all problems at once. Asks the API only about what is new."""
    inputs, problems = checks.canonical(news)
    problems += checks.changes_refused(olds, inputs)
    template = inputs.get("template")
    if problems or contains_unknown(template) or template == olds.get("template"):
        return inputs, problems
    try:
        with connect() as client:
            if not olds:
                account.signed_in(client)
            found = templates.find(client, str(template))
            if not olds:
                foresee(client, found, inputs, waiter)
    except PaperspaceError as failure:
        problems.append(Problem(_key_of(failure), str(failure)))
    return inputs, problems


def _key_of(failure: PaperspaceError) -> str:
    if isinstance(failure, (MissingApiKey, Unauthorized)):
        return KEY_VARIABLE
    if isinstance(failure, InvalidInput):
        return "template" if isinstance(failure, UnknownTemplate) else "adopt"
    return URL_VARIABLE


def diff(connect: Connect, olds: Given, news: Given) -> Difference:
    """What changed, in input names. Raises NothingAvailable where a replacement could not be had now."""

    def find_template(wanted: str) -> OsTemplate:
        with connect() as client:
            return templates.find(client, wanted)

    found = difference(olds, news, find_template)
    if found.replaces:
        with connect() as client:
            refuse_hopeless(client, news)
    return found


def make(client: PaperspaceClient, properties: Given, waiter: Waiter) -> tuple[str, Properties]:
    """(id, outputs): see create.py."""
    return create.create(client, properties, waiter)


def read(
    client: PaperspaceClient, machine_id: str, properties: Given, waiter: Waiter
) -> tuple[Properties, Properties] | None:
    """(outputs, inputs), or None where it is gone: see reading.py. Raises WrongEndpoint, WrongTeam."""
    refuse_other_endpoint(client, machine_id, properties)
    return reading.read(client, machine_id, properties, waiter)


def update(client: PaperspaceClient, machine_id: str, olds: Given, news: Given, waiter: Waiter) -> Properties:
    """The outputs: see changes.py. Raises WrongEndpoint."""
    refuse_other_endpoint(client, machine_id, olds)
    return changes.update(client, machine_id, olds, news, waiter)


def delete(client: PaperspaceClient, machine_id: str, properties: Given, waiter: Waiter) -> None:
    """See removal.py. Raises WrongEndpoint."""
    refuse_other_endpoint(client, machine_id, properties)
    removal.delete(client, machine_id, properties, waiter)
