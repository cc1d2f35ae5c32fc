"""pulumi config and its sub-commands."""

from __future__ import annotations

import json
import sys
from typing import Any

from sandbox.engine.config import (
    ConfigValue,
    apply_schema,
    full_key,
    get_path,
    read,
    remove_path,
    set_path,
    typed,
    value_document,
)
from sandbox.engine.context import Context
from sandbox.engine.errors import CommandError
from sandbox.engine.paths import parse
from sandbox.engine.values import PropertyMap


def _short(context: Context, key: str) -> str:
    return key.removeprefix(f"{context.project.name}:")


def show(context: Context) -> None:
    reveal = context.arguments.show_secrets
    decrypt = context.decrypt if reveal else lambda _: "[secret]"
    config = context.settings.config
    shown = {full_key(context.project.name, key): read(raw, decrypt) for key, raw in config.items()}
    for key, value in _defaults(context).items():
        shown.setdefault(key, value)
    if context.arguments.json:
        document = {key: value_document(shown[key], reveal) for key in sorted(shown)}
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return
    rows = [("KEY", "VALUE"), *((_short(context, key), shown[key].text) for key in sorted(shown))]
    width = max(len(key) for key, _ in rows)
    for key, text in rows:
        print(f"{key:<{width}}  {text}")


def _defaults(context: Context) -> dict[str, ConfigValue]:
    declared = {key: each for key, each in context.project.schema.items() if _has_default(each)}
    project = type("Declared", (), {"name": context.project.name, "schema": declared})
    return apply_schema(project, context.stack.name, {}, context.decrypt)  # type: ignore[arg-type]


def _has_default(declared: Any) -> bool:
    return not isinstance(declared, dict) or "default" in declared or "value" in declared


def get(context: Context) -> None:
    key = context.arguments.key
    first, *rest = parse(key) if context.arguments.path else (key,)
    full = full_key(context.project.name, str(first))
    try:
        raw = get_path(context.settings.config, (full, *rest))
        value = read(raw, context.decrypt)
    except KeyError:
        found = None if rest else _defaults(context).get(full)
        if found is None:
            msg = f"configuration key '{key}' not found for stack '{context.stack.name}'"
            raise CommandError(msg) from None
        value = found
    print(
        json.dumps(value_document(value, reveal=True), indent=2, ensure_ascii=False)
        if context.arguments.json
        else value.text
    )


def set(context: Context) -> None:
    text = context.arguments.value
    if text is None:
        if context.interactive and sys.stdin.isatty():
            msg = "no value given: pulumi config set <key> <value>, or pipe it in"
            raise CommandError(msg)
        text = sys.stdin.read().rstrip("\n")
    store(
        context,
        {context.arguments.key: text},
        context.arguments.secret,
        context.arguments.path,
        context.arguments.type,
    )


def store(
    context: Context, values: dict[str, str], secret: bool, path: bool, kind: str | None = None
) -> None:
    """Set values, encrypted or not, and write the settings file."""
    config = context.settings.config
    for key, text in values.items():
        config = _with(context, config, key, text, secret, path, kind)
    _save(context, config)


def _with(
    context: Context, config: PropertyMap, key: str, text: str, secret: bool, path: bool, kind: str | None
) -> PropertyMap:
    value: Any = typed(text) if path and kind is None else _as_type(text, kind)
    if secret:
        if context.passphrase is None:
            msg = (
                f"stack '{context.stack.name}' has no encryptionsalt to encrypt with; run `pulumi stack init`"
            )
            raise CommandError(msg)
        context.passphrase.verify()
        value = {"secure": context.passphrase.encrypt(text)}
    if path:
        return set_path(config, context.project.name, key, value)
    return config | {full_key(context.project.name, key): value}


def _as_type(text: str, kind: str | None) -> Any:
    match kind:
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "bool":
            return text == "true"
    return text


def _save(context: Context, config: PropertyMap) -> None:
    context.settings.save(context.passphrase.salt if context.passphrase else "", config)


def set_all(context: Context) -> None:
    arguments = context.arguments
    config = context.settings.config
    for pairs, secret in ((arguments.plaintext, False), (arguments.secret, True)):
        for pair in pairs:
            key, equals, text = pair.partition("=")
            if not equals:
                msg = f"config value {pair!r} must be in the form key=value"
                raise CommandError(msg)
            config = _with(context, config, key, text, secret, arguments.path, None)
    if arguments.json:
        config = _from_json(context, config, arguments.json)
    _save(context, config)


def _from_json(context: Context, config: PropertyMap, text: str) -> PropertyMap:
    for key, entry in json.loads(text).items():
        if "objectValue" in entry and not entry.get("secret"):
            config = config | {full_key(context.project.name, key): entry["objectValue"]}
        else:
            config = _with(context, config, key, entry["value"], bool(entry.get("secret")), False, None)
    return config


def rm(context: Context) -> None:
    _remove(context, [context.arguments.key])


def rm_all(context: Context) -> None:
    _remove(context, context.arguments.keys)


def _remove(context: Context, keys: list[str]) -> None:
    config = context.settings.config
    for key in keys:
        if context.arguments.path:
            config = remove_path(config, context.project.name, key)
        else:
            config = {
                name: raw for name, raw in config.items() if name != full_key(context.project.name, key)
            }
    _save(context, config)
