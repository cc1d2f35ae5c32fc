"""Resources that use each other's ids and outputs."""

import pulumi
from world import Thing


def base(kind="round", size=1):
    first = Thing("first", kind=kind, size=size, tags={"b": [1, True, None, "x"], "a": 1.5})
    second = Thing(
        "second", note=first.serial, owner=first.id, opts=pulumi.ResourceOptions(depends_on=[first])
    )
    third = Thing("third", numbers=[size, 2, 3])
    pulumi.export("serial", second.serial)
    pulumi.export("weights", pulumi.Output.all(first.weight, third.weight))
    pulumi.export("note", first.serial.apply(lambda serial: f"<{serial}>"))


def update():
    base(size=2)


def replace():
    base(kind="square")


def remove():
    first = Thing("first", kind="square", size=1, tags={"b": [1, True, None, "x"], "a": 1.5})
    pulumi.export("serial", first.serial)


def drift(things):
    things["first-2"]["size"] = 7
    things.pop("second-2", None)
    things.pop("second-1", None)
