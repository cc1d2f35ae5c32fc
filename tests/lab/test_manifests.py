"""Kubernetes manifests, against the operator's published schema with unknown fields refused."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from lab import manifests
from lab.errors import LabError
from lab.manifests import Cluster
from lab.project import LONGEST_ID, Project
from tests.lab.project_files import NAME, make_project
from tests.lab.test_events import DATA

CLUSTER = Cluster("s3://state", "https://git.example/class.git", image="class:1", pods=4)
SCHEMA = json.loads((DATA / "pulumi_operator_stack_spec.json").read_text())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(
        tmp_path, {"anna": "disk_size: 100\nmachine_types: [P4000, M4000]\nauto_snapshot: true", "bob": ""}
    )


def documents(project: Project) -> list[dict[str, object]]:
    found = manifests.stacks(project, project.class_members(), CLUSTER)
    return list(yaml.safe_load_all(manifests.text(found)))


def test_every_stack_is_valid_for_the_operator(project: Project) -> None:
    for document in documents(project):
        jsonschema.validate(document["spec"], SCHEMA)
        assert document["apiVersion"] == "pulumi.com/v1"


def test_the_schema_would_find_a_typo() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"stack": "x", "projektRepo": "y"}, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"stack": "x", "workspaceReclaimPolicy": "Keep"}, SCHEMA)


def test_a_stack_carries_the_student_s_configuration_as_the_program_gets_it(project: Project) -> None:
    [anna, _] = documents(project)
    assert anna["spec"]["config"] == {  # type: ignore[index]
        f"{NAME}:disk_size": "100",
        f"{NAME}:machine_types": '["P4000", "M4000"]',
        f"{NAME}:auto_snapshot": "true",
    }


def test_no_secret_is_in_a_manifest(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERSPACE_API_KEY", "the-key-itself")
    text = manifests.text(
        [
            *manifests.stacks(project, project.class_members(), CLUSTER),
            manifests.indexed_job(project, CLUSTER, 2),
        ]
    )
    assert "the-key-itself" not in text
    project.student_file("bob").write_text(f"config:\n  {NAME}:template: {{secure: v1:x}}\n")
    with pytest.raises(LabError, match="is encrypted"):
        documents(project)


def test_every_id_that_the_list_takes_is_a_name_that_the_operator_takes() -> None:
    assert LONGEST_ID <= 42


def test_the_job_s_parts_are_the_whole_class_and_no_create_is_killed(project: Project) -> None:
    spec = manifests.indexed_job(project, CLUSTER, students=2)["spec"]
    assert (spec["completions"], spec["parallelism"], spec["completionMode"]) == (2, 2, "Indexed")
    assert spec["backoffLimit"] == 0
    pod = spec["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] >= 1800
    [container] = pod["containers"]
    assert container["command"][-1] == (
        'students=$(lab students --shard "$((JOB_COMPLETION_INDEX + 1))/2") '
        '&& [ -n "$students" ] && exec lab up $students'
    )
