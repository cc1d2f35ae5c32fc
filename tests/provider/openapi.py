"""Requests against the machine part of the official OpenAPI document."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema

from tests.provider.scripted_api import Request

DOCUMENT = Path(__file__).resolve().parents[3] / "shared" / "paperspace-openapi.json"


@cache
def paths() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(DOCUMENT.read_text())["paths"]
    return document


def problems(request: Request) -> list[str]:
    """What the document has against the request; empty where it is as documented."""
    where = f"{request.method} {request.path}"
    parts = urlsplit(request.path)
    operation = _operation(request.method, parts.path)
    if operation is None:
        return [f"{where}: no such operation"]
    return [
        f"{where}: {problem}"
        for problem in [*_query_problems(operation, parts.query), *_body_problems(operation, request.body)]
    ]


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in paths().items():
        pattern = re.sub(r"{\w+}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in operations:
            operation: dict[str, Any] = operations[method.lower()]
            return operation
    return None


def _query_problems(operation: dict[str, Any], query: str) -> list[str]:
    declared = {entry["name"]: entry for entry in operation["parameters"] if entry["in"] == "query"}
    sent = dict(parse_qsl(query))
    missing = [name for name, entry in declared.items() if entry.get("required") and name not in sent]
    unknown = [name for name in sent if name not in declared]
    wrong = [
        problem
        for name, value in sent.items()
        if name in declared
        for problem in _schema_problems(declared[name]["schema"], _typed(value, declared[name]["schema"]))
    ]
    return [f"query {missing or unknown}"] if missing or unknown else wrong


def _body_problems(operation: dict[str, Any], body: str) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return ["a body where none is documented"] if body else []
    return _schema_problems(content["application/json"]["schema"], json.loads(body))


def _schema_problems(schema: dict[str, Any], value: Any) -> list[str]:
    validator = jsonschema.Draft4Validator(_with_null(schema))
    return [error.message for error in validator.iter_errors(value)]


def _typed(text: str, schema: dict[str, Any]) -> Any:
    return int(text) if schema.get("type") == "integer" else text


def _with_null(schema: Any) -> Any:
    """OpenAPI 3.0 writes `nullable` where JSON Schema lists the type "null"."""
    if isinstance(schema, list):
        return [_with_null(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    known = {key: _with_null(value) for key, value in schema.items() if key != "nullable"}
    return known | {"type": [schema["type"], "null"]} if schema.get("nullable") else known
