"""Transforms of the stack and of one resource, and hooks before and after operations."""

import pulumi
from world import Thing, world


def note(args: pulumi.ResourceHookArgs):
    with world() as state:
        state["calls"].append(f"hook {args.name} {args.id}")


def widen(args: pulumi.ResourceTransformArgs):
    if args.type_ != "pulumi-python:dynamic:Resource":
        return None
    return pulumi.ResourceTransformResult(props={**args.props, "added": "by the stack"}, opts=args.opts)


def keep(args: pulumi.ResourceTransformArgs):
    opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(ignore_changes=["size"]))
    return pulumi.ResourceTransformResult(props=args.props, opts=opts)


def base(size=1):
    pulumi.runtime.register_resource_transform(widen)
    hook = pulumi.ResourceHook("note", note)
    binding = pulumi.ResourceHookBinding(before_create=[hook], after_create=[hook], after_update=[hook])
    Thing("first", size=size, opts=pulumi.ResourceOptions(transforms=[keep]))
    Thing("second", size=size, opts=pulumi.ResourceOptions(hooks=binding))


def update():
    base(2)


def remove():
    pulumi.export("nothing", 1)
