"""pulumi config and its sub-commands."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sandbox.engine.config import (
    ConfigValue,
    defaults,
    full_key,
    mask,
    read,
    remove_path,
    set_path,
    typed,
    value_document,
)
from sandbox.engine.context import Context
from sandbox.engine.errors import CommandError
from sandbox.engine.paths import Path, get_path, parse
from sandbox.engine.tree import columns
from sandbox.engine.values import PropertyMap

Entry = tuple[str, Any, bool]
"""A key, the value to set, and whether it is to be encrypted."""
_TYPES: dict[str, Callable[[str], Any]] = {"string": str, "int": int, "float": float, "guessed": typed}
_TYPES["bool"] = lambda text: text == "true"


def show(context: Context) -> None:
    reveal, project = context.arguments.show_secrets, context.project.name
    decrypt = context.decrypt if reveal else mask
    given = {full_key(project, key): read(raw, decrypt) for key, raw in context.settings.config.items()}
    shown = defaults(context.project) | given
    if context.arguments.json:
        _print({key: value_document(shown[key], reveal) for key in sorted(shown)})
        return
    rows = [(key.removeprefix(f"{project}:"), shown[key].text) for key in sorted(shown)]
    print("\n".join(columns([("KEY", "VALUE"), *rows])))


def _print(document: PropertyMap) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))


def get(context: Context) -> None:
    path = _path(context, context.arguments.key, context.arguments.path)
    raw = get_path(context.settings.config, path, default=None)
    known: dict[Path, ConfigValue] = {(name,): value for name, value in defaults(context.project).items()}
    value = known.get(path) if raw is None else read(raw, context.decrypt)
    if value is None:
        msg = f"configuration key '{context.arguments.key}' not found for stack '{context.stack.name}'"
        raise CommandError(msg)
    if context.arguments.json:
        _print(value_document(value, reveal=True))
    else:
        print(value.text)


def _path(context: Context, key: str, is_path: bool) -> Path:
    """Where a key's value stands in the settings. Raises CommandError."""
    try:
        first, *rest = parse(key) if is_path else (key,)
    except ValueError as error:
        raise CommandError(str(error)) from None
    return (full_key(context.project.name, str(first)), *rest)


def set(context: Context) -> None:
    arguments = context.arguments
    text = arguments.value
    if text is None:
        if context.interactive and sys.stdin.isatty():
            msg = "no value given: pulumi config set <key> <value>, or pipe it in"
            raise CommandError(msg)
        text = sys.stdin.read().rstrip("\n")
    kind = "string" if arguments.secret else arguments.type or ("guessed" if arguments.path else "string")
    try:
        value = _TYPES[kind](text)
    except ValueError:
        msg = f"{text!r} is not of type {kind}"
        raise CommandError(msg) from None
    store(context, [(arguments.key, value, arguments.secret)], arguments.path)


def store(context: Context, values: Iterable[Entry], is_path: bool) -> None:
    """Set all values, encrypted where so marked, and write the settings file."""
    config = context.settings.config
    for key, value, secret in values:
        raw = _encrypted(context, value) if secret else value
        config = set_path(config, _path(context, key, is_path), raw)
    _save(context, config)


def entry(pair: str, secret: bool, is_path: bool) -> Entry:
    """A `key=value`, as set-all and --config take it. Raises CommandError."""
    key, equals, text = pair.partition("=")
    if not equals:
        msg = f"config value {pair!r} must be in the form key=value"
        raise CommandError(msg)
    return key, typed(text) if is_path and not secret else text, secret


def _encrypted(context: Context, text: str) -> PropertyMap:
    if context.passphrase is None:
        msg = f"stack '{context.stack.name}' has no encryptionsalt to encrypt with; run `pulumi stack init`"
        raise CommandError(msg)
    context.passphrase.verify()
    return {"secure": context.passphrase.encrypt(text)}


def _save(context: Context, config: PropertyMap) -> None:
    context.settings.save(context.passphrase.salt if context.passphrase else "", config)


def set_all(context: Context) -> None:
    given = context.arguments
    pairs = [*((pair, False) for pair in given.plaintext), *((pair, True) for pair in given.secret)]
    entries = [entry(pair, secret, given.path) for pair, secret in pairs]
    store(context, entries or _from_json(given.json or "{}"), given.path)


def _from_json(text: str) -> Iterator[Entry]:
    """Values in the form in which `config --json` prints them."""
    for key, each in json.loads(text).items():
        secret = bool(each.get("secret"))
        yield key, each["value"] if secret else each.get("objectValue", each["value"]), secret


def rm(context: Context) -> None:
    _remove(context, [context.arguments.key])


def rm_all(context: Context) -> None:
    _remove(context, context.arguments.keys)


def _remove(context: Context, keys: list[str]) -> None:
    config = context.settings.config
    for key in keys:
        config = remove_path(config, _path(context, key, context.arguments.path))
    _save(context, config)
