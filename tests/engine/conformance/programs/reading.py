"""External reads and invokes of nothing: Thing.get by id."""

import pulumi
from world import Thing


def base(other="first-1", size=1):
    first = Thing("first", size=size)
    if other:
        read = Thing("seen", opts=pulumi.ResourceOptions(id=other, depends_on=[first]))
        pulumi.export("weight", read.weight)


def alone():
    base(other=None)


def update():
    base(size=5)


def remove():
    base(other=None, size=5)
