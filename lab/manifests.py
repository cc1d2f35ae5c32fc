"""Kubernetes manifests for a class: one Stack a student for the Pulumi operator, or one Indexed Job for all.

The operator reconciles for ever; the Job runs `lab up` once, a part of the class in each of its pods. Neither
holds a secret: they name a Kubernetes Secret whose keys are the environment variables.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

from lab.errors import LabError
from lab.project import Project, Student
from lab.student_files import StudentFile, as_text, is_encrypted

SECRET_VARIABLES = ("PAPERSPACE_API_KEY", "PULUMI_CONFIG_PASSPHRASE")
LABEL = "fastai-paperspace/class"
LONGEST_CREATE_SECONDS = 1800
"""How long a pod may go on after SIGTERM: a create under way is to finish and be recorded."""

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Cluster:
    """Where it runs: the state's address, the program's repository, the Secret's name, the Job's image."""

    backend: str
    repository: str = ""
    branch: str = "main"
    secret: str = "fastai-paperspace"
    image: str = ""
    pods: int = 4


def stack(project: Project, student: Student, cluster: Cluster) -> Manifest:
    """The operator's Stack (pulumi.com/v1). Raises LabError for a file with encrypted values.

    The workspace goes after each update: the default keeps a pod for each student around the clock
    (pulumi-facts.md B.4). Deleting the manifest does not destroy the machine.
    """
    file = StudentFile.load(student.file, project.name)
    if encrypted := [key for key, value in file.config.items() if is_encrypted(value)]:
        message = f"{student.file}: {', '.join(encrypted)} is encrypted; put it into the Secret instead"
        raise LabError(message)
    return {
        "apiVersion": "pulumi.com/v1",
        "kind": "Stack",
        "metadata": {"name": student.name, "labels": {LABEL: project.name}},
        "spec": {
            "stack": f"organization/{project.name}/{student.name}",
            "projectRepo": cluster.repository,
            "branch": cluster.branch,
            "backend": cluster.backend,
            "config": {str(key): as_text(value) for key, value in file.config.items()},
            "envRefs": {name: secret_reference(cluster.secret, name) for name in SECRET_VARIABLES},
            "refresh": True,
            "destroyOnFinalize": False,
            "workspaceReclaimPolicy": "Delete",
        },
    }


def secret_reference(name: str, key: str) -> Manifest:
    return {"type": "Secret", "secret": {"name": name, "key": key}}


def indexed_job(project: Project, cluster: Cluster, students: int) -> Manifest:
    """A Job of `pods` parts of the class; a failed part is run again by a person, after a look."""
    pods = max(1, min(cluster.pods, students))
    part = f'lab students --shard "$((JOB_COMPLETION_INDEX + 1))/{pods}"'
    script = f'students=$({part}) && [ -n "$students" ] && exec lab up $students'
    secrets = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": cluster.secret, "key": name}}}
        for name in SECRET_VARIABLES
    ]
    container = {
        "name": "lab",
        "image": cluster.image,
        "command": ["sh", "-c", script],
        "env": [{"name": "PULUMI_BACKEND_URL", "value": cluster.backend}, *secrets],
        "resources": {"requests": {"cpu": "2", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
    }
    pod = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": LONGEST_CREATE_SECONDS,
        "containers": [container],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"{project.name}-up", "labels": {LABEL: project.name}},
        "spec": {
            "completionMode": "Indexed",
            "completions": pods,
            "parallelism": pods,
            "backoffLimit": 0,
            "template": {"metadata": {"labels": {LABEL: project.name}}, "spec": pod},
        },
    }


def stacks(project: Project, students: Sequence[Student], cluster: Cluster) -> list[Manifest]:
    return [stack(project, student, cluster) for student in students]


def text(manifests: Iterable[Manifest]) -> str:
    """One YAML document each."""
    buffer = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 10_000
    yaml.explicit_start = True
    yaml.dump_all(list(manifests), buffer)
    return buffer.getvalue()
