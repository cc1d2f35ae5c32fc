"""The provider of package `pulumi`: stack references and the functions that read stacks and resources."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from sandbox.engine.diff import Diff
from sandbox.engine.errors import CommandError, StepFailed
from sandbox.engine.state import STACK_TYPE, Resource, Snapshot
from sandbox.engine.values import PropertyMap, has_secret

STACK_REFERENCE = "pulumi:pulumi:StackReference"
BUILTIN_TOKENS = tuple(
    f"pulumi:pulumi:{name}" for name in ("readStackOutputs", "readStackResourceOutputs", "getResource")
)


class Builtins:
    """`open_stack` reads another stack of the backend by name, secrets decrypted."""

    def __init__(self, open_stack: Callable[[str], Snapshot]) -> None:
        self._open_stack = open_stack

    def invoke(self, token: str, arguments: PropertyMap, states: dict[str, Resource]) -> PropertyMap:
        """Raises StepFailed for a stack or resource that does not exist."""
        if token.endswith(":getResource"):
            if (found := states.get(arguments["urn"])) is None:
                msg = f"unknown resource {arguments['urn']}"
                raise StepFailed(msg)
            return {"urn": found.urn, "id": found.id, "provider": found.provider, "state": found.outputs}
        name = arguments.get("name") or arguments.get("stackName")
        if token.endswith(":readStackOutputs"):
            return self.outputs(str(name))
        resources = {
            r.urn: {"type": r.type, "outputs": r.outputs}
            for r in self._stack(str(name)).resources
            if not r.delete
        }
        return {"name": name, "outputs": resources}

    def outputs(self, name: str) -> PropertyMap:
        root = next((r for r in self._stack(name).resources if r.type == STACK_TYPE), None)
        outputs = root.outputs if root else {}
        secret_names = sorted(key for key, value in outputs.items() if has_secret(value))
        return {"name": name, "outputs": outputs, "secretOutputNames": secret_names}

    def _stack(self, name: str) -> Snapshot:
        try:
            return self._open_stack(name)
        except CommandError as error:
            raise StepFailed(f'unknown stack "{name}"' if error.exit_code == 6 else str(error)) from None


class BuiltinProvider:
    """The same as a provider of the resource type StackReference (pkg/resource/deploy/builtins.go)."""

    def __init__(self, builtins: Builtins) -> None:
        self._builtins = builtins

    def check(
        self, urn: str, _olds: PropertyMap, news: PropertyMap
    ) -> tuple[PropertyMap, list[tuple[str, str]]]:
        if urn.split("::")[2].rpartition("$")[2] != STACK_REFERENCE:
            msg = f"resource type of {urn} is not supported by this engine; use the real CLI"
            raise StepFailed(msg)
        unknown = [(key, f'unknown property "{key}"') for key in news if key != "name"]
        return news, unknown or (
            [] if isinstance(news.get("name"), str) else [("name", "missing required property 'name'")]
        )

    def diff(self, resource: Resource, news: PropertyMap, _ignored: list[str]) -> Diff:
        return Diff(True, ["name"]) if resource.inputs.get("name") != news.get("name") else Diff(False)

    def create(
        self, _urn: str, inputs: PropertyMap, _timeout: float, preview: bool
    ) -> tuple[str, PropertyMap]:
        return "" if preview else str(uuid.uuid4()), self._builtins.outputs(inputs["name"])

    def update(self, _old: Resource, new: Resource, _timeout: float, _preview: bool) -> PropertyMap:
        return self._builtins.outputs(new.inputs["name"])

    def delete(self, _old: Resource, _timeout: float) -> None: ...

    def read(self, resource: Resource, state: PropertyMap) -> tuple[str, PropertyMap, PropertyMap | None]:
        return (
            resource.id,
            self._builtins.outputs(state.get("name") or resource.inputs["name"]),
            resource.inputs,
        )

    def invoke(self, token: str, _arguments: PropertyMap) -> PropertyMap:
        msg = f"unrecognized function name: '{token}'"
        raise StepFailed(msg)
