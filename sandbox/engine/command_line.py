"""Which commands and flags there are, and the function that carries each out (`module:function`)."""

from __future__ import annotations

import argparse
import itertools
import os
from typing import Any, NoReturn

from sandbox.engine.errors import CommandError

REAL = "this is the sandbox engine; the real Pulumi CLI may have it (https://www.pulumi.com/docs/install)"


OPTIONAL_VALUES = ("--refresh", "-r", "--run-program")
"""Flags that mean true where no `=value` follows."""


class Parser(argparse.ArgumentParser):
    """`commands` are the parsers of what may follow it, by name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)
        self.commands: dict[str, Parser] = {}

    def error(self, message: str) -> NoReturn:
        msg = f"{message}; {REAL}"
        raise CommandError(msg)

    def takes_value(self, flag: str) -> bool:
        """Whether the next word is the flag's value. As in cobra, it is where this command does not know the
        flag."""
        action = self._option_string_actions.get(flag)
        return flag not in OPTIONAL_VALUES and (action is None or action.nargs != 0)

    def command_first(self, words: list[str]) -> list[str]:
        """The words with the command's name before its flags, as cobra finds it among them."""
        at = 0
        while self.commands and at < len(words):
            word = words[at]
            if not word.startswith("-"):
                if word == "help":
                    return ["--help"]
                if word not in self.commands:
                    self.error(f'unknown command "{word}" for "{self.prog}"')
                return [word, *self.commands[word].command_first(words[:at] + words[at + 1 :])]
            short_or_long = len(word) == 2 or word.startswith("--")
            at += 2 if short_or_long and "=" not in word and self.takes_value(word) else 1
        return [part for word in words for part in self._spelt_out(word)]

    def _spelt_out(self, word: str) -> list[str]:
        """A switch's `--flag=true`, as cobra takes it, and the value that `--refresh` alone stands for."""
        flag, _, value = word.partition("=")
        if word in OPTIONAL_VALUES:
            return [f"{word}=true"]
        if value and flag not in OPTIONAL_VALUES and not self.takes_value(flag):
            return [flag] if boolean(value) else []
        return [word]


def boolean(text: str) -> bool:
    if text.lower() in ("true", "1", "t"):
        return True
    if text.lower() in ("false", "0", "f"):
        return False
    msg = f"{text!r} is neither true nor false"
    raise CommandError(msg)


def build_parser() -> Parser:
    common = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    _flags(common, "--non-interactive --logflow --logtostderr --disable-integrity-checking --emoji -e")
    _flags(common, "--fully-qualify-stack-names -Q")
    for flag in ("--tracing", "--memprofilerate", "--profiling", "--otel-traces"):
        common.add_argument(flag)
    common.add_argument("--color", choices=("auto", "always", "never", "raw"))
    common.add_argument("-v", "--verbose", nargs="?")  # a level for most commands, a plain flag for whoami
    common.add_argument("-C", "--cwd")
    parser = Parser(
        prog="pulumi", parents=[common], description="Pulumi's command line, for sandbox stacks only."
    )
    parser.add_argument("--version", action="store_const", const="misc_commands:version", dest="function")
    parser.set_defaults(function="", parser=parser)
    commands = Commands(parser, common)
    for add in (_runs, _stacks, _configs, _states, _others):
        add(commands)
    return parser


class Commands:
    """Adds commands to a parser, each with the common flags."""

    def __init__(self, parser: Parser, common: Parser) -> None:
        self._common = common
        self._choices = parser.add_subparsers(metavar="command")
        self._names = parser.commands

    def add(self, name: str, function: str, *, stack: bool = True, aliases: tuple[str, ...] = ()) -> Parser:
        parser = self._choices.add_parser(name, parents=[self._common], aliases=aliases)
        self._names |= dict.fromkeys((name, *aliases), parser)
        parser.set_defaults(function=function, parser=parser)
        if stack:
            parser.add_argument("-s", "--stack", default="")
        return parser

    def group(self, parser: Parser) -> Commands:
        return Commands(parser, self._common)


_RUN_FLAGS = """
    --yes -y --skip-preview -f --json -j --debug -d --diff --config-path --continue-on-error
    --clear-pending-creates --exclude-protected --expect-no-changes --preview-only --target-dependents
    --show-config --show-full-output --show-reads --show-replacement-steps --show-sames --show-secrets
    --suppress-outputs --suppress-permalink --suppress-progress
"""


def _runs(commands: Commands) -> None:
    for name, aliases in (
        ("preview", ("pre",)),
        ("up", ("update",)),
        ("refresh", ()),
        ("destroy", ("down", "dn")),
    ):
        parser = commands.add(name, f"run_commands:{name}", aliases=aliases)
        _flags(parser, _RUN_FLAGS)
        for flag in ("--target-replace", "--replace", "--exclude"):
            parser.add_argument(flag, action="append", default=[])
        parser.add_argument("-t", "--target", action="append", default=[])
        parser.add_argument("-c", "--config", action="append", default=[])
        parser.add_argument("-p", "--parallel", type=int, default=0)
        parser.add_argument("-m", "--message", default="")
        parser.add_argument("-r", "--refresh", type=boolean, default=None)
        parser.add_argument("--run-program", type=boolean, default=False)
        for flag in ("--config-file", "--client", "--exec-kind", "--exec-agent"):
            parser.add_argument(flag, default="")
        if os.environ.get("PULUMI_DEBUG_COMMANDS", "").lower() in ("1", "true"):
            parser.add_argument("--event-log", default="")
        parser.set_defaults(event_log="")


def _stacks(commands: Commands) -> None:
    stack = commands.add("stack", "stack_views:show")
    _flags(stack, "--show-ids --show-urns --show-secrets --show-name")
    group = commands.group(stack)
    for name, flags in (
        ("init", "--no-select"),
        ("select", "--create -c"),
        ("rm", "--yes -y --force -f --preserve-config"),
        ("rename", ""),
    ):
        parser = group.add(name, f"stack_commands:{name}")
        _flags(parser, flags)
        parser.add_argument("name", nargs="?", default="")
        if name == "init":
            parser.add_argument("--secrets-provider", default="passphrase")
    listing = group.add("ls", "stack_views:ls", stack=False)
    _flags(listing, "--json -j --all -a")
    listing.add_argument("-p", "--project", default="")
    listing.add_argument("-o", "--organization", default="")
    output = group.add("output", "stack_views:output")
    _flags(output, "--json -j --show-secrets --shell")
    output.add_argument("name", nargs="?", default="")
    export = group.add("export", "stack_views:export")
    _flags(export, "--show-secrets")
    export.add_argument("--file", default="")
    imports = group.add("import", "stack_views:import_state")
    _flags(imports, "--force -f")
    imports.add_argument("--file", default="")
    history = group.add("history", "stack_views:history")
    _flags(history, "--json -j --show-secrets --full-dates")
    for flag, value in (("--page", 1), ("--page-size", 0)):
        history.add_argument(flag, type=int, default=value)


def _flags(parser: argparse._ActionsContainer, flags: str) -> None:
    """Switches: each long flag, with the short one that may follow it."""
    words = flags.split()
    for flag, following in itertools.zip_longest(words, words[1:], fillvalue=""):
        if flag.startswith("--"):
            short = [] if following.startswith("--") else following.split()
            parser.add_argument(*short, flag, action="store_true")


def _configs(commands: Commands) -> None:
    config = commands.add("config", "config_commands:show")
    _flags(config, "--json -j --show-secrets")
    config.add_argument("--config-file", default="")
    group = commands.group(config)
    for name in ("get", "set", "rm", "rm-all", "set-all"):
        parser = group.add(name, f"config_commands:{name.replace('-', '_')}")
        _flags(parser, "--path")
        parser.add_argument("--config-file", default="")
        if name == "rm-all":
            parser.add_argument("keys", nargs="*")
        elif name != "set-all":
            parser.add_argument("key")
        if name == "get":
            _flags(parser, "--json -j")
        if name == "set":
            parser.add_argument("value", nargs="?", default=None)
            kind = parser.add_mutually_exclusive_group()
            _flags(kind, "--secret --plaintext")
            kind.add_argument("--type", choices=("string", "int", "bool", "float"), default=None)
        if name == "set-all":
            parser.add_argument("--secret", action="append", default=[])
            parser.add_argument("--plaintext", action="append", default=[])
            parser.add_argument("--json", default="")


def _states(commands: Commands) -> None:
    group = commands.group(commands.add("state", "", stack=False))
    for name in ("delete", "unprotect", "protect", "taint", "untaint"):
        parser = group.add(name, f"state_commands:{name}")
        _flags(parser, "--yes -y --force --target-dependents --all")
        parser.add_argument("urns", nargs="*")


def _others(commands: Commands) -> None:
    cancel = commands.add("cancel", "stack_commands:cancel")
    _flags(cancel, "--yes -y")
    cancel.add_argument("name", nargs="?", default="")
    commands.add("version", "misc_commands:version", stack=False)
    _flags(commands.add("about", "misc_commands:about"), "--json -j")
    login = commands.add("login", "misc_commands:login", stack=False)
    _flags(login, "--local -l --insecure")
    login.add_argument("url", nargs="?", default="")
    login.add_argument("-c", "--cloud-url", default="")
    whoami = commands.add("whoami", "misc_commands:whoami", stack=False)
    _flags(whoami, "--json -j")
    plugins = commands.group(commands.add("plugin", "", stack=False))
    _flags(plugins.add("ls", "misc_commands:plugin_ls", stack=False), "--json -j --project -p")
    install = plugins.add("install", "misc_commands:plugin_install", stack=False)
    install.add_argument("plugin", nargs="*")
    _flags(
        commands.add("install", "misc_commands:install", stack=False),
        "--no-plugins --no-dependencies --reinstall --use-language-version-tools",
    )
