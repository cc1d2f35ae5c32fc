"""The `lab` commands, one a file."""
