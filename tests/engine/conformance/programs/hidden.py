"""Secrets: in lists and maps, from the configuration, computed, and outputs declared secret."""

import pulumi
from world import Thing


def base(word="open", listed="one"):
    config = pulumi.Config()
    token = config.require_secret("token")
    first = Thing(
        "first",
        plain="seen",
        word=pulumi.Output.secret(word),
        listed=["a", pulumi.Output.secret(listed), {"deep": pulumi.Output.secret(1)}],
        mapped={"plain": "b", "secret": token, "inner": {"also": token.apply(lambda text: f"<{text}>")}},
        empty=pulumi.Output.secret(""),
        object=config.require_object("object"),
        opts=pulumi.ResourceOptions(additional_secret_outputs=["serial", "plain"]),
    )
    second = Thing("second", copied=first.serial, joined=pulumi.Output.concat("x", first.word))
    pulumi.export("serial", first.serial)
    pulumi.export("copied", second.copied)
    pulumi.export("list", [token, "plain"])
    pulumi.export("plain", second.serial)


def update():
    base(listed="two")


def replace():
    base(word="shut")


def remove():
    pulumi.export("token", pulumi.Config().require_secret("token"))
