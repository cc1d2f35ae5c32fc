"""Secrets in what a dynamic provider returns.

The engine marks an output secret only where an input of the same name is (pulumi-facts.md A2), and a refresh
would store what `read` returns in clear. So the provider returns secrets in Pulumi's own envelope.
"""

from __future__ import annotations

from typing import Any

import pulumi

from components.envelope import SECRET, SIGNATURE


def sealed(outputs: dict[str, Any], name: str) -> dict[str, Any]:
    """The outputs with the one of that name marked secret."""
    if not isinstance(outputs.get(name), str):
        return outputs
    return {**outputs, name: {SIGNATURE: SECRET, "value": outputs[name]}}


def with_secrets(opts: pulumi.ResourceOptions | None, *outputs: str) -> pulumi.ResourceOptions:
    """The options of a resource whose outputs of these names are secret."""
    secret = pulumi.ResourceOptions(additional_secret_outputs=list(outputs))
    return pulumi.ResourceOptions.merge(opts, secret)
