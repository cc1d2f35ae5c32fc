"""A newcomer's own shell: the README's `pulumi` and `lab` commands, without either on PATH."""

from __future__ import annotations

import re

from tests.conftest import PROJECT
from tests.e2e.conftest import Newcomer

README = (PROJECT / "README.md").read_text()
EVALUATED = 'eval "$(make -s env)"'


def in_a_shell(newcomer: Newcomer, commands: str, code: int = 0) -> str:
    environment = {
        name: value
        for name, value in newcomer.environment.items()
        if name not in ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
    }
    shell = Newcomer(newcomer.folder, environment)
    return shell.run("sh", "-c", f"{EVALUATED}\n{commands}", code=code)


def test_pulumi_and_lab_are_those_of_make_in_a_shell_that_has_read_its_lines(newcomer: Newcomer) -> None:
    assert EVALUATED in README
    told = in_a_shell(
        newcomer,
        "pulumi config set power stopped --stack dev && pulumi config get power --stack dev\n"
        "pulumi cancel --stack dev --yes\n"
        "pulumi stack ls\n"
        'echo "$PAPERSPACE_API_URL"',
    )
    assert "\nstopped\n" in told
    assert "has been canceled" in told
    assert "\ndev" in told
    assert "http://127.0.0.1:" in told
    assert "stack dev is not up" in in_a_shell(newcomer, "lab card dev", code=1)


def test_a_list_is_set_as_the_readme_shows_also_after_it_was_set_as_one_word(newcomer: Newcomer) -> None:
    shown = re.search(r"^pulumi config rm machine_types.*?(?=^```)", README, flags=re.MULTILINE | re.DOTALL)
    assert shown
    told = in_a_shell(
        newcomer,
        "pulumi config set machine_types P4000\n"
        f"{shown[0]}"
        "pulumi config get machine_types\n"
        "pulumi config rm machine_types",
    )
    assert '["P4000","M4000"]' in told


def test_a_shell_for_a_real_machine_gets_no_word_of_the_sandbox(newcomer: Newcomer) -> None:
    printed = newcomer.run("make", "-s", "env", "STACK=anna")
    assert "pulumi() {" in printed
    assert "lab() {" in printed
    assert "export" not in printed
