"""delete_before_replace and the dependants that must go first."""

import pulumi
from world import Thing


def base(kind="round"):
    first = Thing("first", kind=kind, opts=pulumi.ResourceOptions(delete_before_replace=True))
    second = Thing("second", kind=first.serial)
    Thing("third", note=first.id)
    Thing("fourth", note=second.serial)
    Thing("asked", kind=kind, delete_first=True)
    Thing("loose", kind=kind, opts=pulumi.ResourceOptions(depends_on=[first]))
    pulumi.export("serial", first.serial)


def update():
    base("square")


def replace():
    first = Thing("first", kind="flat", opts=pulumi.ResourceOptions(delete_before_replace=True))
    Thing("second", kind="fixed", opts=pulumi.ResourceOptions(depends_on=[first]))


def remove():
    Thing("second", kind="fixed")
