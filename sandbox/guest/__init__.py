"""Machines behind the API: real SSH servers, real shells, a disk each. See README.md."""
