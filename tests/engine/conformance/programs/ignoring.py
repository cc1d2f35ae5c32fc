"""ignore_changes, replace_on_changes and hide_diffs."""

import pulumi
from world import Thing


def base(size=1, deep=1, note="a", extra=None):
    Thing(
        "first",
        size=size,
        data={"deep": deep, "other": deep},
        opts=pulumi.ResourceOptions(ignore_changes=["size"]),
    )
    Thing(
        "second", data={"deep": deep, "other": 1}, opts=pulumi.ResourceOptions(ignore_changes=["data.deep"])
    )
    Thing("third", note=note, opts=pulumi.ResourceOptions(replace_on_changes=["note"]))
    Thing("fourth", items=[size, deep], opts=pulumi.ResourceOptions(ignore_changes=["items[0]"]))
    if extra:
        Thing("fifth", size=3)


def update():
    base(size=2, extra=True)


def replace():
    base(size=2, deep=2, note="b", extra=True)


def remove():
    base(size=3, deep=2, note="b")
