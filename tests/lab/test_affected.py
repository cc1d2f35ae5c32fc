"""Whom a pull request concerns, from the files that it changes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab import affected
from lab.affected import Affected
from lab.errors import LabError
from lab.git import ChangedFile, Git
from lab.project import Project
from tests.lab.project_files import make_project, write_student


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, {"anna": "disk_size: 50", "bob": "disk_size: 50", "carl": "disk_size: 100"})


def changed(*files: str) -> list[ChangedFile]:
    return [ChangedFile(path, status) for status, path in (file.split(" ") for file in files)]


def test_a_student_s_file_concerns_that_student(project: Project) -> None:
    found = affected.find(project, changed("M students/Pulumi.anna.yaml", "M README.md"), limit=60)
    assert found == Affected(students=("anna",))


def test_a_deleted_file_is_named_and_not_previewed(project: Project) -> None:
    found = affected.find(project, changed("D students/Pulumi.emil.yaml"), limit=60)
    assert (found.students, found.deleted) == ((), ("emil",))


@pytest.mark.parametrize("path", ["__main__.py", "components/step.py", "provider/create.py", "class.yaml"])
def test_what_all_share_concerns_everybody(project: Project, path: str) -> None:
    assert affected.find(project, changed(f"M {path}"), limit=60).students == ("anna", "bob", "carl")


@pytest.mark.parametrize("path", ["docs/x.md", "lab/cli.py", "tests/x.py", "students/.roster.json"])
def test_what_no_stack_runs_concerns_nobody(project: Project, path: str) -> None:
    assert affected.find(project, changed(f"M {path}"), limit=60) == Affected()


def test_past_the_limit_every_kind_of_configuration_is_in_the_sample(project: Project) -> None:
    write_student(project.root, "bob", "disk_size: 50\nlocal_port: 9999")
    found = affected.find(project, changed("M Pulumi.yaml"), limit=2)
    assert (found.students, found.left_out) == (("anna", "carl"), ("bob",))


def test_the_student_whose_file_changed_is_always_in_the_sample(project: Project) -> None:
    found = affected.find(project, changed("M Pulumi.yaml", "M students/Pulumi.bob.yaml"), limit=2)
    assert found.students == ("anna", "bob")
    assert found.left_out == ("carl",)


def test_shards_part_the_class_without_loss() -> None:
    students = [f"s{n}" for n in range(10)]
    parts = [affected.shard(students, index, 3) for index in (1, 2, 3)]
    assert sorted(student for part in parts for student in part) == sorted(students)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_git_tells_what_changed_since_the_branch_left_its_base(project: Project) -> None:
    folder = project.root
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "base")
    git(folder, "checkout", "-qb", "change")
    write_student(folder, "anna", "disk_size: 250")
    (folder / "students" / "Pulumi.bob.yaml").rename(folder / "students" / "Pulumi.bert.yaml")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "change")
    git(folder, "checkout", "-q", "main")
    write_student(folder, "carl", "disk_size: 500")
    git(folder, "commit", "-qam", "somebody else's change on the base")
    git(folder, "checkout", "-q", "change")
    found = affected.find(project, Git(folder).changed_files("main"), limit=60)
    assert (found.students, found.deleted) == (("anna", "bert"), ("bob",))
    before = Git(folder).text_before("main", "students/Pulumi.anna.yaml")
    assert before == "config:\n  fastai-paperspace:disk_size: 50\n"
    assert Git(folder).text_before("main", "students/Pulumi.bert.yaml") is None


def test_a_base_that_is_not_there_names_the_shallow_checkout(project: Project) -> None:
    git(project.root, "init", "-q")
    with pytest.raises(LabError, match="fetch-depth: 0"):
        Git(project.root).changed_files("origin/main")
