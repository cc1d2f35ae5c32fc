"""pulumi stack init, select, rm and rename, and pulumi cancel."""

from __future__ import annotations

import json
import sys

from sandbox.engine.backend import StackReference
from sandbox.engine.codec import Codec
from sandbox.engine.context import Context
from sandbox.engine.errors import CommandError, unsupported
from sandbox.engine.passphrase import Passphrase, phrase_from_environment
from sandbox.engine.state import STACK_TYPE, Snapshot


def _named(context: Context) -> StackReference:
    name = context.arguments.name or context.arguments.stack
    if not name:
        msg = "missing stack name"
        raise CommandError(msg)
    return context.parse(name)


def init(context: Context) -> None:
    stack = _named(context)
    _create(context, stack)
    if not context.arguments.no_select:
        context.home.select(context.project, context.backend, str(stack))
    print(f"Created stack '{stack.name}'", file=sys.stderr)


def _create(context: Context, stack: StackReference) -> None:
    provider = getattr(context.arguments, "secrets_provider", "passphrase")
    if provider not in ("passphrase", "default", ""):
        raise CommandError(unsupported(f"secrets provider {provider!r} is"))
    if context.backend.exists(stack):
        msg = f"stack '{stack}' already exists"
        raise CommandError(msg)
    settings = context.settings_of(stack)
    phrase = phrase_from_environment(context.interactive)
    if settings.salt:
        (passphrase := Passphrase(settings.salt, phrase)).verify()
    else:
        passphrase = Passphrase.create(phrase)
        settings.save(passphrase.salt, settings.config)
    context.backend.write(stack, Codec(passphrase).encode(Snapshot()), [])


def select(context: Context) -> None:
    stack = _named(context)
    if not context.backend.exists(stack):
        if not context.arguments.create:
            msg = f"no stack named '{stack.name}' found"
            raise CommandError(msg, exit_code=6)
        _create(context, stack)
        print(f"Created stack '{stack.name}'", file=sys.stderr)
    context.home.select(context.project, context.backend, str(stack))


def rm(context: Context) -> None:
    context.arguments.stack = context.arguments.name or context.arguments.stack
    stack, arguments = context.stack, context.arguments
    if not arguments.yes:
        msg = "non-interactive mode requires --yes flag"
        raise CommandError(msg)
    resources = context.deployment.get("resources")
    if resources and not arguments.force:
        raise CommandError(f"'{stack.name}' still has resources; removal rejected. Possible actions:\n"
                           "- Make sure that '" + stack.name + "' is the stack that you want to destroy\n"
                           "- Run `pulumi destroy` to delete the resources, then run `pulumi stack rm`\n"
                           "- Run `pulumi stack rm --force` to override this error")  # fmt: skip
    with context.backend.lock(stack):
        context.backend.remove(stack)
    if not arguments.preserve_config:
        context.settings_of(stack).file.unlink(missing_ok=True)
    if context.found_project and context.is_selected(stack):
        context.home.select(context.project, context.backend, "")
    print(f"Stack '{stack.name}' has been removed!")


def rename(context: Context) -> None:
    old, new = context.stack, context.parse(context.arguments.name)
    if context.backend.exists(new):
        msg = f"stack '{new}' already exists"
        raise CommandError(msg)
    before = (f"urn:pulumi:{old.name}::{old.project}::", f"::{old.project}-{old.name}")
    after = (f"urn:pulumi:{new.name}::{new.project}::", f"::{new.project}-{new.name}")
    text = json.dumps(context.deployment).replace(before[0], after[0])
    text = text.replace(f"{STACK_TYPE}{before[1]}", f"{STACK_TYPE}{after[1]}")
    with context.backend.lock(old):
        context.backend.rename(
            old, new, json.loads(text), context.codec.decode(context.deployment).features()
        )
    settings = context.settings.file
    if settings.exists():
        settings.rename(context.settings_of(new).file)
    if context.is_selected(old):
        context.home.select(context.project, context.backend, str(new))
    print(f"Renamed {old.name} to {new.name}")


def cancel(context: Context) -> None:
    if not context.arguments.yes and context.interactive and sys.stdin.isatty():
        msg = "pass --yes to cancel the update that holds this stack's lock"
        raise CommandError(msg)
    context.arguments.stack = context.arguments.name or context.arguments.stack
    context.backend.cancel(context.stack)
    print(f"The currently running update for '{context.stack.name}' has been canceled!")
