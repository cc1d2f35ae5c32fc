"""The resource types of pulumi-command 1.2.1 that run on a remote machine, and the fields of each.

Source: pulumi-facts.md C1 and the real plugin's GetSchema. It reports problems in the order of the fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One input; `type` is a Go type name as the real plugin prints it, or the Record that nests here."""

    name: str
    type: str | Record
    required: bool = False
    default: str | int | None = None
    secret: bool = False
    replace_on_changes: bool = False

    @property
    def type_name(self) -> str:
        return self.type if isinstance(self.type, str) else self.type.type_name


@dataclass(frozen=True)
class Record:
    """A group of fields, e.g. the inputs of one resource type or a connection."""

    name: str
    fields: tuple[Field, ...]

    @property
    def type_name(self) -> str:
        return f"remote.{self.name}"

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def names(self) -> set[str]:
        return {field.name for field in self.fields}


@dataclass(frozen=True)
class ResourceType:
    token: str
    inputs: Record
    outputs: tuple[str, ...]


_ENDPOINT = (
    Field("user", "string", default="root"),
    Field("password", "string", secret=True),
    Field("host", "string", required=True),
    Field("port", "float64", default=22),
    Field("privateKey", "string", secret=True),
    Field("privateKeyPassword", "string", secret=True),
    Field("agentSocketPath", "string"),
    Field("dialErrorLimit", "int", default=10),
    Field("perDialTimeout", "int", default=15),
    Field("hostKey", "string"),
)
PROXY = Record("ProxyConnection", _ENDPOINT)
CONNECTION = Record("Connection", (Field("proxy", PROXY), *_ENDPOINT))
_CONNECTION = Field("connection", CONNECTION, required=True, secret=True)
_TRIGGERS = Field("triggers", "[]interface {}", replace_on_changes=True)

_COMMAND_INPUTS = (
    Field("stdin", "string"),
    Field("logging", "remote.Logging"),
    _CONNECTION,
    Field("environment", "map[string]string"),
    Field("addPreviousOutputInEnv", "bool"),
    _TRIGGERS,
    Field("create", "string"),
    Field("update", "string"),
    Field("delete", "string"),
)
_COPY_INPUTS = (
    _CONNECTION,
    _TRIGGERS,
    Field("source", "types.AssetOrArchive", required=True),
    Field("remotePath", "string", required=True),
)
COMMAND = ResourceType(
    "command:remote:Command", Record("CommandInputs", _COMMAND_INPUTS), ("stdout", "stderr")
)
COPY_TO_REMOTE = ResourceType("command:remote:CopyToRemote", Record("CopyToRemoteInputs", _COPY_INPUTS), ())
RESOURCE_TYPES = {kind.token: kind for kind in (COMMAND, COPY_TO_REMOTE)}
