"""What a student's file costs by the price list, before any machine is there. USD."""

from __future__ import annotations

from dataclasses import dataclass

from components.settings import InvalidSettings, Settings
from lab.project import Project, Student
from lab.student_files import StudentFile, Unreadable


@dataclass(frozen=True)
class Estimate:
    """For the first machine type of the list; `dearest` is the month of the dearest one that is allowed."""

    machine_type: str
    hourly: float
    monthly: float
    off: float
    dearest: float
    hours_per_week: int


def of_settings(settings: Settings) -> Estimate:
    first, estimates = settings.machine_types[0], settings.estimates()
    found, dearest = estimates[first], max(each.running for each in estimates.values())
    return Estimate(first, found.hourly, found.running, found.off, dearest, settings.hours_per_week)


def of_file(file: StudentFile) -> Estimate | None:
    """None where the file is wrong."""
    try:
        return of_settings(file.settings())
    except InvalidSettings:
        return None


def of_student(project: Project, student: Student) -> Estimate | None:
    """None where the file is wrong or gone."""
    settings = settings_of(project, student)
    return of_settings(settings) if settings else None


def settings_of(project: Project, student: Student) -> Settings | None:
    """None where the file is wrong or gone."""
    try:
        return StudentFile.load(student.file, project.name).settings()
    except (Unreadable, FileNotFoundError, InvalidSettings):
        return None


def monthly_off(project: Project, student: Student) -> float:
    """Disk and address; 0 where the file does not say."""
    found = of_student(project, student)
    return found.off if found else 0.0
