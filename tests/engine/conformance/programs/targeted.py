"""The basics, of which an operation takes only a part."""

from basics import base, update

__all__ = ["base", "update"]
