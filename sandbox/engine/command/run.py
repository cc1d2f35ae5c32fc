"""Run one command on the machine: environment, stdin, log lines, outputs, and the error text of a failure."""

from __future__ import annotations

from typing import Any

import asyncssh

from sandbox.engine.command import limits
from sandbox.engine.command.decode import without_nulls
from sandbox.engine.command.dial import connect
from sandbox.engine.command.errors import RunError
from sandbox.engine.command.recorder import Recorder
from sandbox.engine.command.run_context import ERROR, WARNING, Outputs, RunContext
from sandbox.engine.values import PropertyMap, reveal

_SIGNALS = {"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9, "SEGV": 11, "PIPE": 13}
_SIGNALS |= {"ALRM": 14, "TERM": 15}
_ESCAPES = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
_ESCAPES |= {'"': r"\"", "\\": r"\\"}
_PREVIOUS = {"stdout": "PULUMI_COMMAND_STDOUT", "stderr": "PULUMI_COMMAND_STDERR"}
_ADVICE = (
    "Unable to set '{name}'. This only works if your SSH server is configured to accept\n"
    "\tthese variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote "
    "host, you could\n\tprefix the command itself with the variables in the form 'VAR=value command'"
)


async def run(command: str, inputs: PropertyMap, previous: Outputs, context: RunContext) -> Outputs:
    """Return stdout and stderr, one trailing newline cut from each.

    `previous` holds the outputs of the run before, which an update or a delete offers in the environment.
    Raises RunError: no connection, a refused variable, an exit status other than 0 (with everything that was
    printed), a lost connection; limits.Refused for what the real plugin does not survive.
    """
    values: dict[str, Any] = without_nulls(reveal(inputs))
    limits.check_command(command)
    async with connect(values["connection"], context) as connection:
        environment = _environment(values, previous, context)
        recorder = Recorder(context, values.get("logging", "stdoutAndStderr"))
        try:
            channel, _ = await connection.create_session(
                lambda: recorder, command, encoding=None, env=tuple(environment.items())
            )
        except asyncssh.Error as error:
            raise RunError(error.reason) from error
        channel.write(values.get("stdin", "").encode())
        channel.write_eof()
        await channel.wait_closed()
    return _result(command, channel, recorder)


def _environment(values: dict[str, Any], previous: Outputs, context: RunContext) -> Outputs:
    """Return the variables to set. A stock sshd refuses the previous outputs, so they only cause warnings."""
    environment: Outputs = values.get("environment", {})
    for name in environment:
        if not limits.accepted(name):
            context.log(ERROR, _ADVICE.format(name=name))
            message = f'could not set environment variable "{name}": ssh: setenv failed'
            raise RunError(message)
    if values.get("addPreviousOutputInEnv", True):
        for output, text in previous.items():
            limits.check_previous_output(_PREVIOUS[output], text)
            if text:
                context.log(WARNING, _ADVICE.format(name=_PREVIOUS[output]))
    return environment


def _result(command: str, channel: asyncssh.SSHClientChannel[bytes], recorder: Recorder) -> Outputs:
    recorder.finish()
    if recorder.refused:
        raise recorder.refused
    failure = _failure(channel)
    if failure:
        printed = recorder.everything.decode(errors="replace")
        message = f"{failure}: running {_quote(command)}:\n{printed}"
        raise RunError(message)
    return {name: limits.text_of(name, bytes(content)) for name, content in recorder.streams.items()}


def _failure(channel: asyncssh.SSHClientChannel[bytes]) -> str | None:
    signal, status = channel.get_exit_signal(), channel.get_exit_status()
    if signal:
        return f"Process exited with status {128 + _SIGNALS.get(signal[0], 0)} from signal {signal[0]}"
    if status is None:
        return "wait: remote command exited without exit status or exit signal"
    return f"Process exited with status {status}" if status else None


def _quote(text: str) -> str:
    """Quote as Go's %q does: double quotes, backslash escapes, printable Unicode as it is."""
    return f'"{"".join(map(_escape, text))}"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
