"""Running machines that nothing would stop: by their files, by the API, and by the machines themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lab.idle import IdleLook
from lab.student_machines import StudentMachine
from lab.sweep import Finding


def unstopped(machines: Sequence[StudentMachine], looks: Mapping[str, IdleLook]) -> Iterator[Finding]:
    """Those whose idle stop or outer limit is off, and those whose idle stop is declared and does not run."""
    for each in machines:
        name = each.student.name
        look = looks.get(name, IdleLook())
        if each.idle_stop_minutes and look.armed is False:
            yield finding(each, "the idle stop does not run", f"lab up {name} mends it")
        elif each.never_stops:
            advice = f"set idle_stop_minutes and auto_shutdown_hours, then lab up {name}"
            yield finding(each, each.never_stops, advice)


def finding(each: StudentMachine, what: str, advice: str) -> Finding:
    told = f"{each.student.name}: {what}"
    return Finding("never stops", each.machine_id, told, advice, each.hourly_now, each.monthly_fixed)
