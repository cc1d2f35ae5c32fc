"""remote.Command and CopyToRemote against a loopback SSH server; default and explicit providers."""

import json
import os
from pathlib import Path

import pulumi
import pulumi_command as command
from world import Thing


def connection(**other):
    facts = json.loads(os.environ["MACHINE"])
    return command.remote.ConnectionArgs(
        host="127.0.0.1",
        port=facts["port"],
        user="student",
        private_key=facts["key"],
        dial_error_limit=2,
        **other,
    )


def base(text="echo one", trigger=1, host_key=None, copied="hello"):
    provider = command.Provider("explicit")
    first = command.remote.Command(
        "first",
        connection=connection(host_key=host_key),
        create=text,
        delete="echo bye",
        triggers=[trigger, "x"],
    )
    second = command.remote.Command(
        "second",
        connection=connection(),
        create=first.stdout.apply(lambda out: f"cat; echo after {out}"),
        update="echo updated",
        stdin=pulumi.Output.secret("password\n"),
        logging=command.remote.Logging.NONE,
        environment={"LC_A": "1"},
        opts=pulumi.ResourceOptions(provider=provider, additional_secret_outputs=["stdout"]),
    )
    Thing("third", note=second.stdout, opts=pulumi.ResourceOptions(depends_on=[second]))
    command.remote.CopyToRemote(
        "copy",
        connection=connection(),
        source=pulumi.StringAsset(copied),
        remote_path=os.environ["TARGET"] + "/copy",
    )
    Path("folder").mkdir(exist_ok=True)
    Path("folder/file").write_text(copied)
    command.remote.CopyToRemote(
        "folder",
        connection=connection(),
        source=pulumi.FileArchive("folder"),
        remote_path=os.environ["TARGET"],
        triggers=[trigger],
    )
    pulumi.export("out", first.stdout)
    pulumi.export("secret", second.stdout)


def update():
    base(
        "echo two; echo warning >&2", host_key=json.loads(os.environ["MACHINE"])["host_key"], copied="goodbye"
    )


def replace():
    base(trigger=2)


def unknown(kind="square"):
    """The host is known only when another resource is made."""
    thing = Thing("host", kind=kind)
    host = thing.serial.apply(lambda _: "127.0.0.1")
    facts = json.loads(os.environ["MACHINE"])
    args = {"host": host, "port": facts["port"], "user": "student", "private_key": facts["key"]}
    command.remote.Command(
        "first", connection=args, create="echo late", delete="echo bye", triggers=[thing.id]
    )
    whole = pulumi.Output.secret(thing.serial).apply(lambda _: {**args, "host": "127.0.0.1"})
    command.remote.Command(
        "whole", connection=whole, create=pulumi.Output.secret(thing.serial).apply(lambda s: f"echo {s}")
    )


def unknown_again():
    unknown("round")


def failing():
    command.remote.Command("first", connection=connection(), create="echo bad; exit 3", delete="echo bye")


def remove():
    command.remote.Command("first", connection=connection(), create="echo one")
