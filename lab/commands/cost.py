"""`lab cost`: what the class costs by its files, against its limits; needs neither key nor network."""

from __future__ import annotations

import json as json_format
from dataclasses import asdict

import typer

from lab import class_file, estimate, tables
from lab.class_file import ClassFile
from lab.estimate import Estimate
from lab.options import Json, Students
from lab.project import find_project
from lab.tables import usd
from lab.words import plural
from provider import prices

COLUMNS = ("student", "type", "$/h", "h/week", "$/mo", "$/mo off", "note")


def cost(students: Students = None, json: Json = False) -> None:
    """Show what each student's machine costs a month by the price list, and check it against class.yaml."""
    project = find_project()
    limits = class_file.load(project)
    found = {s.name: estimate.of_student(project, s) for s in project.chosen(students or ())}
    known = {name: each for name, each in found.items() if each}
    monthly = sum(each.monthly for each in known.values())
    over = over_limits(known, monthly, limits)
    if json:
        listed = [{"student": name, **(asdict(each) if each else {})} for name, each in found.items()]
        print(json_format.dumps({"students": listed, "a_month": round(monthly, 2), "over": over}, indent=1))
    else:
        rows = [row(name, each, limits) for name, each in found.items()]
        tables.show(COLUMNS, rows, numbers=COLUMNS[2:6])
        print(
            f"{plural(len(found), 'student')}: {usd(monthly)} a month at list prices of {prices.PRICE_DATE}"
        )
        print(f"({prices.PRICE_SOURCE}).")
        for line in over:
            print(f"over budget: {line}")
    if over or len(known) < len(found):
        raise typer.Exit(1)


def row(name: str, each: Estimate | None, limits: ClassFile) -> list[str]:
    if each is None:
        return [name, "", "", "", "", "", "the file is wrong: lab roster check"]
    over = limits.budget_per_student and each.dearest > limits.budget_per_student
    return [
        name,
        each.machine_type,
        f"{each.hourly:.2f}",
        str(each.hours_per_week),
        f"{each.monthly:.2f}",
        f"{each.off:.2f}",
        f"over {usd(limits.budget_per_student)}" if over else "",
    ]


def over_limits(known: dict[str, Estimate], monthly: float, limits: ClassFile) -> list[str]:
    """Which limits of class.yaml the files break."""
    told = [
        f"{name} up to {usd(each.dearest)} a month, {class_file.NAME} allows {usd(limits.budget_per_student)}"
        for name, each in known.items()
        if limits.budget_per_student and each.dearest > limits.budget_per_student
    ]
    if limits.budget_of_class and monthly > limits.budget_of_class:
        told.append(
            f"the class {usd(monthly)} a month, {class_file.NAME} allows {usd(limits.budget_of_class)}"
        )
    return told
