"""Components with children, outputs, and a rename with an alias."""

import pulumi
from world import Thing


class Group(pulumi.ComponentResource):
    def __init__(self, name, count, opts=None):
        super().__init__("test:world:Group", name, {"count": count}, opts)
        self.members = [
            Thing(f"{name}-{number}", size=number, opts=pulumi.ResourceOptions(parent=self))
            for number in range(count)
        ]
        self.register_outputs({"serials": [member.serial for member in self.members], "count": count})


def base(count=2, name="group", opts=None):
    group = Group(name, count, opts)
    after = Thing("after", opts=pulumi.ResourceOptions(depends_on=[group]))
    pulumi.export("serials", [member.serial for member in group.members])
    pulumi.export("after", after.id)


def update():
    base(3)


def replace():
    base(2, "renamed", pulumi.ResourceOptions(aliases=[pulumi.Alias(name="group")]))


def remove():
    pulumi.export("nothing", None)
