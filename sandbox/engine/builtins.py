"""The provider of package `pulumi`: stack references, and the stored outputs of a stack's resources
(pkg/resource/deploy/builtins.go)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.engine.errors import CommandError, StepFailed, unsupported
from sandbox.engine.state import STACK_TYPE, Snapshot
from sandbox.engine.values import PropertyMap, from_struct, has_secret, to_struct

READ_STACK = "pulumi:pulumi:readStackResourceOutputs"


class Builtins(provider_pb2_grpc.ResourceProviderServicer):
    """`open_stack` reads another stack of the backend by name, secrets decrypted."""

    def __init__(self, open_stack: Callable[[str], Snapshot]) -> None:
        self._open_stack = open_stack

    def Configure(self, _request: Any, _context: Any) -> Any:
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, unsupported(f"resource type {request.type} is"))

    def Read(self, request: Any, _context: Any) -> Any:
        name = from_struct(request.properties).get("name") or from_struct(request.inputs)["name"]
        outputs = to_struct(self._outputs(name))
        return pb.ReadResponse(id=request.id, properties=outputs, inputs=request.inputs)

    def Invoke(self, request: Any, context: Any) -> Any:
        if request.tok != READ_STACK:
            context.abort(grpc.StatusCode.NOT_FOUND, f"unrecognized function name: '{request.tok}'")
        return pb.InvokeResponse(**{"return": to_struct(self.read_stack(from_struct(request.args)))})

    def read_stack(self, arguments: PropertyMap) -> PropertyMap:
        """Raises StepFailed where there is no such stack."""
        resources = self._stack(arguments["stackName"]).resources
        shown = {
            each.urn: {"type": each.type, "outputs": each.outputs} for each in resources if not each.delete
        }
        return {"name": arguments["stackName"], "outputs": shown}

    def _outputs(self, name: str) -> PropertyMap:
        outputs = next((r.outputs for r in self._stack(name).resources if r.type == STACK_TYPE), {})
        secret_names = sorted(key for key, value in outputs.items() if has_secret(value))
        return {"name": name, "outputs": outputs, "secretOutputNames": secret_names}

    def _stack(self, name: str) -> Snapshot:
        try:
            return self._open_stack(name)
        except CommandError as error:
            raise StepFailed(f'unknown stack "{name}"' if error.exit_code == 6 else str(error)) from None
