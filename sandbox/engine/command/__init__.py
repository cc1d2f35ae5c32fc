"""A stand-in for pulumi-command 1.2.1's provider, on asyncssh. See pulumi-facts.md section C, point 10."""

from sandbox.engine.command.provider import CommandProvider

__all__ = ["CommandProvider"]
