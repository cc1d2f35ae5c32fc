"""A thing whose making can be interrupted: it waits until a file named go is there."""

from world import Thing


def base():
    Thing("first")
    Thing("slow", wait_for="go")
