"""Values of every kind, which `--diff` and the outputs show."""

import json

import pulumi
from world import Thing

SCRIPT = "".join(f"line {number}\n" for number in range(9))


def base(size=1, script=SCRIPT, more=("a", "b"), settings=None, **extra):
    settings = settings or {"port": 1, "hosts": ["x", "y"]}
    first = Thing(
        "first",
        size=size,
        script=script,
        secret=pulumi.Output.secret(f"hush-{size}"),
        settings=json.dumps(settings),
        tags={"list": [1, True, None, {"deep": 1.5}], "more": list(more), "empty": {}, "none": None},
        **extra,
        opts=pulumi.ResourceOptions(protect=size == 1),
    )
    after = Thing("after", serial_of_first=first.serial, opts=pulumi.ResourceOptions(depends_on=[first]))
    pulumi.export("plain", "text")
    pulumi.export("serial", first.serial)
    pulumi.export("settings", settings)
    pulumi.export("more", list(more))
    pulumi.export("after", after.serial)


def update():
    script = SCRIPT.replace("line 4", "line four")
    base(2, script, more=("a", "c", "d"), settings={"port": 2, "hosts": ["x"]}, added="new")


def replace():
    base(2, more=(), kind="square", tags_of_none={"a": 1})


def remove():
    pulumi.export("plain", ["text"])
