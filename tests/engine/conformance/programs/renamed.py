"""Aliases by name, by parent and by whole URN; and a rename without one."""

import pulumi
from world import Thing


def base():
    parent = Thing("parent")
    Thing("child", opts=pulumi.ResourceOptions(parent=parent))
    Thing("plain", size=1)
    Thing("lost")


def update():
    stack = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::pulumi-python:dynamic:Resource::"
    parent = Thing("parent", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="none")]))
    Thing("child", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(parent=parent)]))
    Thing("plain2", name="plain", size=2, opts=pulumi.ResourceOptions(aliases=[stack + "plain"]))
    Thing("found", name="lost")


def replace():
    Thing("parent2", name="parent", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="parent")]))
