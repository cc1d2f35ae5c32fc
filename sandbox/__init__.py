"""The outside world, offline: Paperspace's API, its machines, and a `pulumi` command."""
