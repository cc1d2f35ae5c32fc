"""Operations that fail: what is kept, and how the next run goes on."""

import pulumi
from world import Thing


def base():
    first = Thing("first", kind="round")
    return Thing("second", note=first.serial)


def update():
    first = Thing("first", kind="round", size=2, fail="update")
    Thing("second", note=first.serial, size=3)


def making():
    Thing("new", fail="create", opts=pulumi.ResourceOptions(depends_on=[base()]))


def replace():
    """The old thing cannot be deleted after its replacement was made."""
    first = Thing("first", kind="round", fail="delete")
    Thing("second", note=first.serial)


def broken():
    first = Thing("first", kind="square")
    Thing("second", note=first.serial)


def raising():
    Thing("first", kind="square")
    message = "the program itself fails"
    raise ValueError(message)
