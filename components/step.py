"""The one way to run something on the machine: desired values, a read-only check, an idempotent body.

A step becomes a remote.Command whose text changes exactly when the machine is not as declared.
"""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import pulumi
from pulumi_command import remote

from components import guest_files
from components.findings import Finding
from components.sealing import with_secrets
from components.ssh import Login
from components.verdict import judge

DIAL_ERROR_LIMIT = 20
"""61 s of dialing where the port refuses (pulumi-facts.md C.5)."""
PER_DIAL_SECONDS = 10


@dataclass(frozen=True)
class Plan:
    """What a step would do: `summary` is for people and in clear, `body` is bash, `warnings` are told."""

    summary: str
    body: str
    warnings: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        return hashlib.sha256(self.body.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Step:
    """`check` is bash that exits 0 when satisfied and prints `key=value` facts; `plan` takes these facts.

    `secrets` reach the body on its standard input and nothing else.
    """

    name: str
    check: str
    plan: Callable[[Mapping[str, str]], Plan]
    secrets: str = field(default="", repr=False)


@dataclass(frozen=True)
class Run:
    """The inputs of a step's command. Without `create` the command runs nothing and connects nowhere."""

    connection: remote.ConnectionArgs = field(repr=False)
    create: str | None = None
    stdin: str | None = field(default=None, repr=False)
    warnings: tuple[str, ...] = ()


def run_of(step: Step, finding: Finding, login: Login) -> Run:
    """The command that brings the step from what was found to what is declared."""
    plan = step.plan(finding.facts)
    verdict = judge(finding, plan.version, plan.summary)
    variables = f"STEP_SUMMARY={shlex.quote(verdict.summary)} STEP_TOKEN={verdict.token}"
    create = f"exec env {variables} bash -s"
    return Run(connection_args(login), create, standard_input(step, plan), plan.warnings)


def standard_input(step: Step, plan: Plan) -> str:
    """The runner, the body and the secrets.

    `main` reads /dev/null, so that nothing it starts can eat the rest of the text.
    """
    end = f"END-{plan.version}"
    body = f"body() {{\n  cat <<'{end}'\n{plan.body.rstrip()}\n{end}\n}}\n"
    secrets = base64.b64encode(step.secrets.encode()).decode()
    call = f"main {step.name} {plan.version} '{secrets}' </dev/null"
    return f"{guest_files.read('runner.sh')}\n{body}\n{call}\n"


def connection_args(login: Login) -> remote.ConnectionArgs:
    return remote.ConnectionArgs(
        host=login.host,
        port=login.port,
        user=login.user,
        private_key=login.private_key,
        host_key=login.host_key,
        dial_error_limit=DIAL_ERROR_LIMIT,
        per_dial_timeout=PER_DIAL_SECONDS,
    )


def command(
    name: str,
    run: pulumi.Output[Run],
    machine_id: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
    *,
    secret: bool,
) -> remote.Command:
    """The remote.Command of one step. `secret`: its output may hold secrets.

    `run` is secret as a whole, and so the standard input: a person reads the summary in `create`, not the
    whole script. There is no `delete`: the machine goes as a whole. Only another machine replaces it.
    """
    create = run.apply(lambda run: cast(str, run.create))
    stdin = run.apply(lambda run: cast(str, run.stdin))
    outputs = ["stdout", "stderr"] if secret else []
    return remote.Command(
        name,
        connection=run.apply(lambda run: run.connection),
        create=pulumi.Output.unsecret(create),
        stdin=stdin,
        triggers=[machine_id],
        add_previous_output_in_env=False,
        logging=remote.Logging.NONE if secret else remote.Logging.STDOUT_AND_STDERR,
        opts=with_secrets(opts, *outputs),
    )
