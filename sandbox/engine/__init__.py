"""A small `pulumi` command for machines where the real one cannot be installed.

It runs unchanged programs with the unchanged Python SDK, keeps state in the CLI's own file-backend format,
and manages
only stacks whose Paperspace endpoint is on loopback.
"""

VERSION = "3.272.0"
"""The Pulumi version whose command line and protocol this engine speaks (the SDK pinned in
pyproject.toml)."""
