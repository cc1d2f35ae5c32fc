"""One run of `pulumi` on one student's stack, followed through its event log."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Literal

from lab import workspace
from lab.errors import LabError
from lab.events import StackEvents
from lab.first_error import NOTHING, first_error, locked
from lab.guard import Guard
from lab.project import Student
from lab.pulumi_command import Operation, Pulumi
from lab.run_result import Files, Outcome, Result
from lab.student_files import StudentFile, Unreadable
from lab.tail import Tail

LOOK_AGAIN_SECONDS = 0.1
NOT_STARTED = "not started; run again to go on"
CHANGING: tuple[Operation, ...] = ("preview", "up")
Followed = Callable[[StackEvents], None]
Existence = Literal["exists", "absent", "not asked"]
"""Of the stack in the backend; not asked: the preview is of the configuration alone."""


class StackRun:
    """Runs one operation; `interrupt` may be called from another thread, also before it starts."""

    def __init__(
        self, pulumi: Pulumi, operation: Operation, student: Student, files: Files, guard: Guard
    ) -> None:
        self.pulumi = pulumi
        self.guard = guard
        self.operation = operation
        self.student = student
        self.files = files
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._interrupted = False

    def interrupt(self) -> None:
        """One SIGINT to `pulumi`, never to the provider processes behind it."""
        with self._lock:
            self._interrupted = True
            if self._process and self._process.poll() is None:
                os.kill(self._process.pid, signal.SIGINT)

    def run(self, existence: Existence, follow: Followed) -> Result:
        """Never raises what is this student's own trouble: it is in the result, and saved beside the log."""
        started = time.monotonic()
        self.files.renew()
        stream = StackEvents()
        outcome, error = self._outcome(existence == "exists", stream, follow)
        result = Result(
            student=self.student.name,
            operation=self.operation,
            outcome=outcome,
            error=error,
            seconds=round(time.monotonic() - started, 3),
            changes=stream.drifted() if self.operation == "refresh" else stream.tally(),
            loses_disk=self.operation != "destroy" and stream.loses_disk,
            new_stack=existence != "exists",
            without_state=existence == "not asked",
            is_archived=stream.is_archived,
        )
        self.files.save(result)
        return result

    def _outcome(self, exists: bool, stream: StackEvents, follow: Followed) -> tuple[Outcome, str]:
        try:
            return self._run(exists, stream, follow)
        except (LabError, OSError) as failure:
            return "failed", first_error([str(failure)])
        except Unreadable as failure:
            return "failed", str(failure)

    def _run(self, exists: bool, stream: StackEvents, follow: Followed) -> tuple[Outcome, str]:
        if self._interrupted:
            return "interrupted", NOT_STARTED
        if refusal := self.guard.refused.get(self.student.name):
            return "failed", refusal
        if not exists and self.operation in ("refresh", "destroy"):
            return "absent", ""
        if self.operation in CHANGING and (objections := self.guard.objections(self.student)):
            return "failed", "; ".join(objections)
        if not exists and self.operation == "preview":
            return self._preview_of_nothing(stream, follow)
        self._copy()
        if not exists:
            self.pulumi.init(self.student.name, secrets_provider(self.student, self.guard.project.name))
        return self._follow(self.pulumi, stream, follow)

    def _copy(self) -> None:
        """A file that cannot be read must not keep its machine from being destroyed."""
        try:
            self.pulumi.workspace.copy(self.student)
        except Unreadable:
            if self.operation in CHANGING:
                raise

    def _preview_of_nothing(self, stream: StackEvents, follow: Followed) -> tuple[Outcome, str]:
        """A preview must not write to the backend, and Pulumi previews no stack that is not there."""
        with workspace.throw_away(self.pulumi.workspace.project) as throw_away:
            pulumi = Pulumi(self.pulumi.executable, throw_away)
            throw_away.copy(self.student)
            pulumi.init(self.student.name)
            return self._follow(pulumi, stream, follow)

    def _follow(self, pulumi: Pulumi, stream: StackEvents, follow: Followed) -> tuple[Outcome, str]:
        with self.files.log.open("w", encoding="utf-8") as log:
            with self._lock:
                if self._interrupted:
                    return "interrupted", NOT_STARTED
                self._process = process = pulumi.start(
                    self.operation, self.student.name, log, self.files.events
                )
            tail = Tail(self.files.events)
            while (code := wait(process)) is None:
                if tail.feed(stream):
                    follow(stream)
            tail.feed(stream)
            follow(stream)
        if code == 0:
            return "succeeded", ""
        return ("interrupted" if self._interrupted else "failed"), self._reason(stream, code)

    def _reason(self, stream: StackEvents, code: int) -> str:
        """Why it failed: from the events, else from what was printed, else where to look."""
        if (found := first_error(stream.errors)) != NOTHING:
            return found
        printed = self.files.log.read_text(encoding="utf-8", errors="replace")
        if found := locked(printed, self.pulumi.as_typed("cancel", "--stack", self.student.name, "--yes")):
            return found
        told = [line for line in printed.splitlines() if line.startswith("error: ")]
        if (found := first_error([*told, last_traceback(printed)])) != NOTHING:
            return found
        if self._interrupted:
            return "interrupted; run again to go on"
        return f"pulumi ended with {code}; see {self.files.log}"


def secrets_provider(student: Student, project: str) -> str:
    """The student file's; empty for Pulumi's default."""
    return str(StudentFile.load(student.file, project).document.get("secretsprovider") or "")


def last_traceback(printed: str) -> str:
    """Empty where there is none."""
    begin = printed.rfind("Traceback (most recent")
    return printed[begin:] if begin >= 0 else ""


def wait(process: subprocess.Popen[str]) -> int | None:
    try:
        return process.wait(timeout=LOOK_AGAIN_SECONDS)
    except subprocess.TimeoutExpired:
        return None
