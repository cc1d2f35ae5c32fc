"""sandbox/README.md names every setting with its default, every operation, admin route and kind of fault."""

from __future__ import annotations

from typing import get_args

import pytest
from fastapi.routing import APIRoute

from sandbox.paperspace.routes import admin
from sandbox.paperspace.state.faults import FaultKind
from sandbox.settings import SandboxSettings
from tests.conftest import PROJECT
from tests.sandbox.paperspace.conftest import Api

README = (PROJECT / "sandbox" / "README.md").read_text()
ROWS = [line for line in README.splitlines() if line.startswith("|")]


def shown(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return str(value).lower() if isinstance(value, bool) else str(value) or "empty"


@pytest.mark.parametrize("name", SandboxSettings.model_fields)
def test_every_setting_has_a_row_with_its_default_and_meaning(name: str) -> None:
    [row] = [row for row in ROWS if row.startswith(f"| `{name}` |")]
    field = SandboxSettings.model_fields[name]
    assert shown(field.default) in row
    assert field.description
    assert field.description in row


@pytest.mark.parametrize("kind", get_args(FaultKind))
def test_every_kind_of_fault_has_a_row(kind: str) -> None:
    assert any(row.startswith(f"| `{kind}` |") for row in ROWS)


def test_every_operation_has_its_method_in_the_row_of_its_path(api: Api) -> None:
    for operation in api.sandbox.control.operations:
        method, path = operation.split()
        [row] = [row for row in ROWS if row.startswith(f"| `{path}` |")]
        assert method in row


def test_every_admin_route_has_a_row() -> None:
    for route in admin.router.routes:
        assert isinstance(route, APIRoute)
        for method in route.methods or ():
            assert any(row.startswith(f"| `{method} {route.path}` |") for row in ROWS)
