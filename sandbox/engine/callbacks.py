"""Callbacks into the program: transforms of resources and invokes, and resource hooks."""

from __future__ import annotations

import threading
from typing import Any

import grpc
from google.protobuf import json_format
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from sandbox.engine.errors import StepFailed
from sandbox.engine.events import Events
from sandbox.engine.registry import UNLIMITED
from sandbox.engine.state import Resource
from sandbox.engine.steps import DELETES, Step
from sandbox.engine.values import OUTPUT, SIGNATURE, to_struct

_OPTIONS = {
    "additional_secret_outputs": "additionalSecretOutputs",
    "aliases": "aliases",
    "custom_timeouts": "customTimeouts",
    "delete_before_replace": "deleteBeforeReplace",
    "deleted_with": "deletedWith",
    "depends_on": "dependencies",
    "hide_diff": "hideDiffs",
    "hooks": "hooks",
    "ignore_changes": "ignoreChanges",
    "import": "importId",
    "plugin_download_url": "pluginDownloadURL",
    "protect": "protect",
    "provider": "provider",
    "providers": "providers",
    "replace_on_changes": "replaceOnChanges",
    "replace_with": "replace_with",
    "replacement_trigger": "replacement_trigger",
    "retain_on_delete": "retainOnDelete",
    "version": "version",
}
"""TransformResourceOptions' fields and the RegisterResourceRequest's that they stand for (resource.proto)."""


class Callbacks:
    """The program's registered callbacks in one run."""

    def __init__(self, preview: bool, events: Events) -> None:
        self._preview, self._events = preview, events
        self._stubs: dict[str, Any] = {}
        self._lock = threading.Lock()
        self.stack_transforms: list[Any] = []
        self.invoke_transforms: list[Any] = []
        self.hooks: dict[str, Any] = {}

    def _call(self, callback: Any, message: Any) -> bytes:
        with self._lock:
            if callback.target not in self._stubs:
                channel = grpc.insecure_channel(callback.target, options=UNLIMITED)
                self._stubs[callback.target] = callback_pb2_grpc.CallbacksStub(channel)
        request = callback_pb2.CallbackInvokeRequest(
            token=callback.token, request=message.SerializeToString()
        )
        try:
            answer: bytes = self._stubs[callback.target].Invoke(request).response
        except grpc.RpcError as error:
            raise StepFailed(error.details() or str(error)) from None
        return answer

    def transform(self, request: Any, registered: dict[str, Any]) -> None:
        """Change the request by the resource's own transforms, its parents' and the stack's, in turn."""
        transforms, parent = list(request.transforms), request.parent
        while parent in registered:
            transforms += registered[parent].transforms
            parent = registered[parent].parent
        for callback in [*transforms, *self.stack_transforms]:
            message = resource_pb2.TransformRequest(
                type=request.type, name=request.name, custom=request.custom, parent=request.parent
            )
            message.properties.CopyFrom(request.object)
            message.options.CopyFrom(_options(request))
            answer = resource_pb2.TransformResponse.FromString(self._call(callback, message))
            if answer.HasField("properties"):
                request.object.CopyFrom(answer.properties)
                _follow_dependencies(request)
            if answer.HasField("options"):
                _apply(request, answer.options)

    def transform_invoke(self, request: Any) -> None:
        for callback in self.invoke_transforms:
            message = resource_pb2.TransformInvokeRequest(token=request.tok, args=request.args)
            message.options.provider, message.options.version = request.provider, request.version
            answer = resource_pb2.TransformInvokeResponse.FromString(self._call(callback, message))
            if answer.HasField("args"):
                request.args.CopyFrom(answer.args)
            if answer.HasField("options"):
                request.provider, request.version = answer.options.provider, answer.options.version

    def run_hooks(self, kind: str, step: Step) -> None:
        """Run a step's hooks of one kind. Raises StepFailed with the first hook's failure."""
        owner = step.old if step.op in DELETES else step.new
        for name in (owner.resource_hooks if owner else {}).get(camel(kind), []):
            if (hook := self.hooks.get(name)) is None:
                message = f'hook "{name}" was not registered'
                raise StepFailed(message)
            if self._preview and not hook.on_dry_run:
                continue
            failure = self._run_hook(hook, kind, step)
            if failure and hook.ignore_errors:
                self._events.diagnostic("warning", f'{kind} hook "{name}" failed: {failure}', step.urn)
            elif failure:
                message = f'{kind.partition("_")[0]} hook "{name}" failed: {failure}'
                raise StepFailed(message)

    def _run_hook(self, hook: Any, kind: str, step: Step) -> str:
        old = step.old if step.op != "create" else None
        new = None if step.op in DELETES else step.new
        resource = step.resource
        request = resource_pb2.ResourceHookRequest(
            urn=step.urn, id=resource.id, name=resource.name, type=resource.type
        )
        for state, inputs, outputs in (
            (new, request.new_inputs, request.new_outputs),
            (old, request.old_inputs, request.old_outputs),
        ):
            _show(state, inputs, outputs, with_outputs=state is old or kind.startswith("after"))
        answer = resource_pb2.ResourceHookResponse.FromString(self._call(hook.callback, request))
        return str(answer.error)


def camel(kind: str) -> str:
    """`before_create` is `BeforeCreate` in state."""
    return "".join(word.capitalize() for word in kind.split("_"))


def _show(state: Resource | None, inputs: Any, outputs: Any, with_outputs: bool) -> None:
    if state is not None:
        inputs.CopyFrom(to_struct(state.inputs))
        if with_outputs:
            outputs.CopyFrom(to_struct(state.outputs))


def _options(request: Any) -> Any:
    given = _set_fields(request)
    options = resource_pb2.TransformResourceOptions()
    json_format.ParseDict({field: given[name] for field, name in _OPTIONS.items() if name in given}, options)
    if request.deleteBeforeReplaceDefined:
        options.delete_before_replace = request.deleteBeforeReplace
    return options


def _apply(request: Any, options: Any) -> None:
    for name in _OPTIONS.values():
        request.ClearField(name)
    given = _set_fields(options)
    json_format.ParseDict({name: given[field] for field, name in _OPTIONS.items() if field in given}, request)
    request.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
    request.ClearField("aliasURNs")


def _set_fields(message: Any) -> dict[str, Any]:
    fields: dict[str, Any] = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return fields


def _follow_dependencies(request: Any) -> None:
    """Property dependencies after a transform: what its output values say.

    What was known before is kept only if the resource has no transforms of its own, as in the CLI
    (source_eval.go).
    """
    before = (
        {} if request.transforms else {k: list(each.urns) for k, each in request.propertyDependencies.items()}
    )
    request.ClearField("propertyDependencies")
    for key, value in request.object.fields.items():
        urns = dict.fromkeys([*before.get(key, []), *_dependencies(value)])
        request.propertyDependencies[key].urns.extend(urns)
        request.dependencies.extend(urn for urn in urns if urn not in request.dependencies)


def _dependencies(value: Any) -> list[str]:
    """The URNs in all output values within a protobuf value."""
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return [urn for item in value.list_value.values for urn in _dependencies(item)]
    if kind != "struct_value":
        return []
    fields = value.struct_value.fields
    if SIGNATURE in fields and fields[SIGNATURE].string_value == OUTPUT:
        return [item.string_value for item in fields["dependencies"].list_value.values]
    return [urn for item in fields.values() for urn in _dependencies(item)]
