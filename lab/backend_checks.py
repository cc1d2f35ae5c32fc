"""Where the state is, and the traps of each kind of place (pulumi-facts.md B.1, "Postgres DIY backend")."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from lab.check import Check
from lab.project import Project

POSTGRES = ("postgres", "postgresql")
OBJECT_STORES = ("s3", "gs", "azblob")


def check_backend_address(_project: Project) -> Iterator[Check]:
    """Where the state is (pulumi-facts.md B.1, "Postgres DIY backend, four defects")."""
    url = os.environ.get("PULUMI_BACKEND_URL", "")
    parts = urlsplit(url)
    if parts.password:
        told = "a password in PULUMI_BACKEND_URL ends up in error texts and in ~/.pulumi; use PGPASSWORD"
        yield Check("error", "backend", told)
    elif parts.scheme in POSTGRES:
        yield from check_connections()
        told = "PostgreSQL: make its table with one `pulumi stack ls` before several computers begin at once"
        yield Check("warning", "backend", told)
    elif parts.scheme in OBJECT_STORES:
        yield Check("ok", "backend", f"{parts.scheme}: an object store, the recommended place for a class")
    elif parts.scheme == "file":
        yield Check("ok", "backend", f"{url}: good for one instructor's computer; back it up")
    else:
        yield Check("ok", "backend", url or "as `pulumi login` chose; several instructors need a shared one")


def check_connections() -> Iterator[Check]:
    """pulumi-facts.md B.1, Postgres defect 1; `lab` sets the variable where nobody has."""
    given = os.environ.get("PULUMI_DIY_BACKEND_PARALLEL", "")
    if given and given not in ("1", "2", "3"):
        told = f"PULUMI_DIY_BACKEND_PARALLEL={given}: over 3 `stack ls` can hang for ever; unset it"
        yield Check("error", "backend", told)


def check_names(stacks: Iterable[str]) -> Iterator[Check]:
    """Names of other projects' making in a PostgreSQL backend (pulumi-facts.md B.1, Postgres defect 2)."""
    risky = sorted(name for name in stacks if "_" in name)
    if risky and urlsplit(os.environ.get("PULUMI_BACKEND_URL", "")).scheme in POSTGRES:
        told = f"`pulumi stack history` and `stack rm` can crash over `_` in: {', '.join(risky)}; rename them"
        yield Check("warning", "stacks", told)
