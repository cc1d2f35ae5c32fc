"""A stack reference to another stack of the project, with a secret output; and what is stored of it."""

import pulumi
from pulumi.runtime import invoke
from world import Thing


def other():
    Thing("far", size=4)
    pulumi.export("plain", {"a": [1, "b"]})
    pulumi.export("secret", pulumi.Output.secret("hush"))


def base(size=1):
    other = pulumi.StackReference("organization/conformance/other")
    Thing("near", size=size, plain=other.get_output("plain"), secret=other.get_output("secret"))
    pulumi.export("all", other.outputs)
    pulumi.export("missing", other.get_output("missing"))
    pulumi.export("stored", stored("organization/conformance/other"))


def stored(stack):
    answer = invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": stack}).value
    return {urn: each["outputs"].get("size") for urn, each in answer["outputs"].items()}


def update():
    base(2)


def remove():
    pulumi.export("all", None)
