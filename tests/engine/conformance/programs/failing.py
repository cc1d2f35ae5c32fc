"""Operations that fail: what is kept, and how the next run goes on."""

from world import Thing


def base():
    first = Thing("first", kind="round")
    Thing("second", note=first.serial)


def update():
    first = Thing("first", kind="round", size=2, fail="update")
    Thing("second", note=first.serial, size=3)
    Thing("new", fail="create")
    Thing("other")


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
