"""`lab manifests`: the class as Kubernetes manifests."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from lab import manifests as kubernetes
from lab import student_files
from lab.errors import LabError, Problems
from lab.manifests import Cluster
from lab.options import Students
from lab.project import find_project


class Kind(StrEnum):
    """Who runs the stacks."""

    stack = "stack"
    job = "job"


Backend = Annotated[str, typer.Option("--backend", envvar="PULUMI_BACKEND_URL", help="Where the state is.")]
Which = Annotated[Kind, typer.Option("--kind", help="A Stack a student, or one Indexed Job.")]
Repository = Annotated[str, typer.Option("--repository", help="Stack: the git address of this project.")]
Branch = Annotated[str, typer.Option("--branch", help="Stack: the branch that is followed.")]
Secret = Annotated[str, typer.Option("--secret", help="The Secret that holds API key and passphrase.")]
Image = Annotated[str, typer.Option("--image", help="Job: an image with this project, `lab` and `pulumi`.")]
Pods = Annotated[int, typer.Option("--pods", min=1, help="Job: into how many parts the class is divided.")]


def manifests(
    students: Students = None,
    backend: Backend = "",
    kind: Which = Kind.stack,
    repository: Repository = "",
    branch: Branch = "main",
    secret: Secret = "fastai-paperspace",
    image: Image = "",
    pods: Pods = 4,
) -> None:
    """Print the class as Kubernetes manifests: for the Pulumi operator, or as one Indexed Job."""
    project = find_project()
    chosen = project.chosen(students or ())
    if problems := student_files.check(chosen, project.name):
        heading = "the students' files cannot be used:"
        raise Problems(heading, list(map(str, problems)))
    require(
        (backend, "--backend s3://… (or PULUMI_BACKEND_URL)"),
        (repository if kind is Kind.stack else image, "--repository" if kind is Kind.stack else "--image"),
    )
    cluster = Cluster(backend, repository, branch, secret, image, pods)
    found = (
        kubernetes.stacks(project, chosen, cluster)
        if kind is Kind.stack
        else [kubernetes.indexed_job(project, cluster, len(chosen))]
    )
    print(kubernetes.text(found), end="")


def require(*needed: tuple[str, str]) -> None:
    """Raises LabError naming what was not given, and a backend that no pod could reach."""
    if missing := [option for value, option in needed if not value]:
        message = f"give {' and '.join(missing)}"
        raise LabError(message)
    if needed[0][0].startswith("file:"):
        message = f"--backend {needed[0][0]}: no pod reaches a folder of this computer; use an object store"
        raise LabError(message)
