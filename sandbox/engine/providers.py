"""One resource provider, in another process or in this one.

What crosses to a provider and back follows pkg/resource/plugin/provider_plugin.go, secrets above all: a
provider that
does not accept them gets plain values, and its answers are marked secret where its inputs were.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2

from sandbox.engine.diff import Diff, compare_inputs, detailed_diff
from sandbox.engine.errors import StepFailed
from sandbox.engine.state import Resource
from sandbox.engine.values import PropertyMap, annotate, elided, from_struct, plain, restored, to_struct


class LocalContext:
    """The gRPC context for a provider that lives in this process."""

    def abort(self, _code: Any, details: str) -> None:
        raise StepFailed(details)


class InProcess:
    """Gives a servicer the shape of a stub."""

    def __init__(self, servicer: Any) -> None:
        self._servicer = servicer

    def __getattr__(self, method: str) -> Callable[[Any], Any]:
        def call(request: Any) -> Any:
            try:
                return getattr(self._servicer, method)(request, LocalContext())
            except StepFailed:
                raise
            except Exception as error:
                raise StepFailed(str(error)) from error

        return call


class Provider:
    """One configured provider. Every method raises StepFailed with the provider's own message."""

    def __init__(self, stub: Any, urn: str, identity: str, inputs: PropertyMap) -> None:
        self._stub = stub
        request = provider_pb2.ConfigureRequest(
            args=to_struct(inputs),
            acceptSecrets=True,
            acceptResources=True,
            urn=urn,
            id=identity,
            sends_old_inputs=True,
        )
        request.sends_old_inputs_to_delete = True
        answer = self._call("Configure", request)
        self._accepts_secrets = answer.acceptSecrets
        self._supports_preview = answer.supportsPreview

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            raise StepFailed(error.details() or str(error)) from None

    def _out(self, properties: PropertyMap) -> Any:
        return to_struct(properties if self._accepts_secrets else plain(properties))

    def _old(self, properties: PropertyMap) -> Any:
        return self._out(elided(properties))

    def _back(self, struct: Any, inputs: PropertyMap) -> PropertyMap:
        properties = from_struct(struct)
        return properties if self._accepts_secrets else annotate(properties, inputs)

    def check(
        self, urn: str, olds: PropertyMap, news: PropertyMap
    ) -> tuple[PropertyMap, list[tuple[str, str]]]:
        """The checked inputs, and failures as (property, reason)."""
        request = provider_pb2.CheckRequest(olds=self._out(olds), news=self._out(news), **names(urn))
        request.randomSeed = os.urandom(32)
        answer = self._call("Check", request)
        return self._back(answer.inputs, news), [(each.property, each.reason) for each in answer.failures]

    def diff(self, resource: Resource, news: PropertyMap, ignored: list[str]) -> Diff:
        """Compare the resource's recorded state with new inputs (Go: diffResource)."""
        request = provider_pb2.DiffRequest(id=resource.id, ignoreChanges=ignored, **names(resource.urn))
        request.olds.CopyFrom(self._old(resource.outputs))
        request.old_inputs.CopyFrom(self._old(resource.inputs))
        request.news.CopyFrom(self._old(news))
        answer = self._call("Diff", request)
        detailed = detailed_diff(answer)
        found = Diff(
            {0: None, 1: False}.get(answer.changes, True),
            list(answer.replaces),
            list(answer.diffs),
            detailed if answer.hasDetailedDiff else None,
            answer.deleteBeforeReplace,
        )
        return found if found.changes is not None else compare_inputs(found, resource.inputs, news, ignored)

    def create(self, urn: str, inputs: PropertyMap, timeout: float, preview: bool) -> tuple[str, PropertyMap]:
        if preview and not self._supports_preview:
            return "", inputs
        request = provider_pb2.CreateRequest(
            properties=self._out(inputs), timeout=timeout, preview=preview, **names(urn)
        )
        answer = self._call("Create", request)
        if not answer.id and not preview:
            msg = f"plugin returned empty resource.ID from create '{urn}'"
            raise StepFailed(msg)
        return answer.id, self._back(answer.properties, inputs)

    def update(self, old: Resource, new: Resource, timeout: float, preview: bool) -> PropertyMap:
        if preview and not self._supports_preview:
            return new.inputs
        request = provider_pb2.UpdateRequest(id=old.id, timeout=timeout, preview=preview, **names(old.urn))
        request.olds.CopyFrom(self._old(old.outputs))
        request.old_inputs.CopyFrom(self._old(old.inputs))
        request.news.CopyFrom(self._out(new.inputs))
        request.ignoreChanges.extend(new.ignore_changes)
        return self._back(self._call("Update", request).properties, new.inputs)

    def delete(self, old: Resource, timeout: float) -> None:
        request = provider_pb2.DeleteRequest(id=old.id, timeout=timeout, **names(old.urn))
        request.properties.CopyFrom(self._old(old.outputs))
        request.old_inputs.CopyFrom(self._old(old.inputs))
        self._call("Delete", request)

    def read(self, resource: Resource, state: PropertyMap) -> tuple[str, PropertyMap, PropertyMap | None]:
        """The id ("" when it is gone), outputs and, if the provider says so, inputs."""
        request = provider_pb2.ReadRequest(id=resource.id, **names(resource.urn))
        request.properties.CopyFrom(self._old(state))
        request.inputs.CopyFrom(self._old(resource.inputs))
        request.timeout = resource.custom_timeouts.get("read", 0)
        answer = self._call("Read", request)
        outputs = restored(self._back(answer.properties, state), resource.inputs)
        if not answer.HasField("inputs"):
            return answer.id, outputs, None
        return answer.id, outputs, restored(self._back(answer.inputs, resource.inputs), resource.inputs)

    def invoke(self, token: str, arguments: PropertyMap) -> PropertyMap:
        """Call a function. Neither of the providers here has one, so they say what they do not know."""
        answer = self._call("Invoke", provider_pb2.InvokeRequest(tok=token, args=self._out(arguments)))
        return from_struct(getattr(answer, "return"))


def names(urn: str) -> dict[str, Any]:
    return {"urn": urn, "name": urn.rpartition("::")[2], "type": urn.split("::")[2].rpartition("$")[2]}
