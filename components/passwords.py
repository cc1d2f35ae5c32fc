"""Passwords of the student and of root, as the course sets them with `passwd`. None by default."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from components import guest_files
from components.ssh import USER
from components.step import Plan, Step
from components.step_component import StepComponent

NAME = "passwords"


class Passwords(StepComponent):
    """Passwords, and password login on or off."""

    TYPE = "fastai:paperspace:Passwords"
    STEP = NAME
    SECRET = True


def passwords_step(user_password: str, root_password: str, salt: str) -> Step:
    """The step for the passwords that are not empty; login by password is off without the user's.

    salt: a secret of the stack. Only a digest under it names the passwords in the step's version.
    """
    given = {USER: user_password, "root": root_password}
    lines = "".join(f"{user}:{password}\n" for user, password in given.items() if password)
    named = {
        "PASSWORD_LOGIN": "yes" if user_password else "no",
        "PASSWORDS_DIGEST": hashlib.sha256(f"{salt}\n{lines}".encode()).hexdigest(),
    }
    common = guest_files.with_variables(guest_files.read("passwords_common.sh"), named)
    body = common + guest_files.read("passwords_apply.sh")
    users = " and ".join(user for user, password in given.items() if password)

    def plan(_facts: Mapping[str, str]) -> Plan:
        return Plan(f"passwords: {f'of {users}' if users else 'none'}", body)

    return Step(NAME, common + guest_files.read("passwords_check.sh"), plan, secrets=lines)
