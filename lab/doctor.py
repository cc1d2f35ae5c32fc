"""Whether this computer and this project are fit to run a class: each check with what to do about it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from lab import account, class_file, engine, estimate, parallelism, student_files, workspace
from lab.backend_checks import check_backend_address, check_names
from lab.check import Check
from lab.errors import LabError
from lab.project import Project
from lab.pulumi_command import Pulumi
from lab.student_files import StudentFile, Unreadable
from provider import credentials, templates
from provider.endpoint import is_loopback
from provider.errors import PaperspaceError


def examine(project: Project) -> Iterator[Check]:
    """Every check; one that breaks off is an error and stops none of the others."""
    steps: list[Callable[[Project], Iterator[Check]]] = [
        check_engine,
        check_backend_address,
        check_passphrase,
        check_files,
        check_class_file,
        check_backend,
        check_account,
        check_archives,
        check_computer,
    ]
    for step in steps:
        try:
            yield from step(project)
        except (LabError, PaperspaceError, engine.EngineMissing, OSError) as failure:
            yield Check("error", step.__name__.removeprefix("check_").replace("_", " "), str(failure))


def check_engine(project: Project) -> Iterator[Check]:
    executable = engine.choose()
    version = subprocess.run(
        [str(executable), "version"], capture_output=True, text=True, check=False, cwd=project.root
    ).stdout.strip()
    if executable == engine.executable(engine.SANDBOX_ENGINE):
        told = f"the sandbox engine ({executable}): for the sandbox only; for real machines install Pulumi"
        yield Check("warning", "pulumi", told)
    elif version:
        yield Check("ok", "pulumi", f"{version} at {executable}")
    else:
        yield Check("error", "pulumi", f"{executable} tells no version; install Pulumi again")


def check_passphrase(project: Project) -> Iterator[Check]:
    managed = any(has_provider(student.file, project.name) for student in project.all_students())
    given = [n for n in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE") if n in os.environ]
    if given or managed:
        yield Check("ok", "secrets", f"{given[0]} is set" if given else "a secrets provider is configured")
    else:
        told = "neither PULUMI_CONFIG_PASSPHRASE nor PULUMI_CONFIG_PASSPHRASE_FILE is set; set one of them"
        yield Check("error", "secrets", told)


def has_provider(path: Path, project: str) -> bool:
    try:
        return "secretsprovider" in StudentFile.load(path, project).document
    except Unreadable:
        return False


def check_files(project: Project) -> Iterator[Check]:
    students = [*project.class_members(), *project.single_stacks()]
    problems = student_files.check(students, project.name)
    for problem in problems:
        yield Check("error", "files", str(problem))
    if not problems:
        yield Check("ok", "files", f"{len(students)} students' files are in order")


def check_class_file(project: Project) -> Iterator[Check]:
    limits = class_file.load(project)
    told = f"a student {limits.budget_per_student:.0f}, the class {limits.budget_of_class:.0f} USD a month"
    if limits.budget_per_student and limits.budget_of_class:
        yield Check("ok", "budget", told)
    else:
        yield Check("warning", "budget", f"{told} (0 is no limit); set them in {class_file.NAME}")


def check_backend(project: Project) -> Iterator[Check]:
    stacks = Pulumi.chosen(workspace.of_project(project)).stacks()
    yield from check_names(stacks)
    yield Check(
        "ok", "stacks", f"{len(stacks)} in the backend, {sum(map(bool, stacks.values()))} with resources"
    )
    if lost := project.without_file(stacks):
        told = f"without a file, and still costing: {', '.join(lost)}; lab destroy {' '.join(lost)} --yes"
        yield Check("warning", "stacks", told)


def check_archives(project: Project) -> Iterator[Check]:
    """Whether the folders for archives can be written, and how much is free there."""
    students = project.all_students()
    files = [estimate.settings_of(project, student) for student in students]
    off = [s.name for s, found in zip(students, files, strict=True) if found and found.archive == "off"]
    if off:
        yield Check("warning", "archives", f"off, so that destroy loses the work of: {', '.join(off)}")
    for folder in sorted({found.archive_directory for found in files if found and found.archive == "on"}):
        yield check_folder(folder, len(students) - len(off))


def check_folder(folder: str, students: int) -> Check:
    path = Path(folder).expanduser()
    there = next(each for each in (path, *path.parents) if each.exists())
    if not os.access(there, os.W_OK) or not there.is_dir():
        return Check("error", "archives", f"{folder} cannot be written; set archive_directory")
    free = shutil.disk_usage(there).free / 1e9
    told = f"{folder}: {free:.0f} GB free for {students} students"
    if free < students:
        return Check("warning", "archives", f"{told}; less than 1 GB each")
    return Check("ok", "archives", told)


def check_account(project: Project) -> Iterator[Check]:
    with credentials.client_from_environment() as client:
        held = account.read(client)
        where = "the sandbox" if is_loopback(client.url) else client.url
        yield Check("ok", "Paperspace", f"{where} answers; {len(held.machines)} machines")
        for wanted in wanted_templates(project):
            found = templates.find(client, wanted)
            yield Check("ok", "template", f"{wanted} is {found.name or found.id}")


def wanted_templates(project: Project) -> list[str]:
    wanted = set()
    for student in project.all_students():
        try:
            values = StudentFile.load(student.file, project.name).text_values()
        except Unreadable:
            continue
        wanted.add(values.get("template") or default_template(project))
    return sorted(wanted)


def default_template(project: Project) -> str:
    return str(project.definition.get("config", {}).get("template", {}).get("default", "fast.ai"))


def check_computer(_project: Project) -> Iterator[Check]:
    yield Check("ok", "computer", f"runs {parallelism.default_parallel()} stacks at once")
    if shutil.which("ssh") is None:
        yield Check(
            "warning", "ssh", "no OpenSSH client; `lab ssh` needs it (apt-get install openssh-client)"
        )
