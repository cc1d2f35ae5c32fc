"""protect, retain_on_delete and deleted_with."""

import pulumi
from world import Thing


def base(protect=True):
    first = Thing("first", kind="round", opts=pulumi.ResourceOptions(protect=protect))
    Thing("kept", opts=pulumi.ResourceOptions(retain_on_delete=True))
    Thing("with_first", opts=pulumi.ResourceOptions(deleted_with=first))
    Thing(
        "alone", opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="5m", delete="30s"))
    )


def update():
    """Removing a protected resource fails."""
    Thing("alone")


def replace():
    first = Thing("first", kind="square", opts=pulumi.ResourceOptions(protect=True))
    Thing("with_first", opts=pulumi.ResourceOptions(deleted_with=first))


def remove():
    base(protect=False)


def last():
    Thing("alone")
