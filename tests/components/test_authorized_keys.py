from __future__ import annotations

import asyncssh
import pytest

from components import key_pair, verdict
from components.authorized_keys import authorized_keys_step
from components.step import Step
from tests.components.guest import GuestHome

STACK, OWN, OTHER = (key_pair.generate()["public_key"] for _ in range(3))
RSA = asyncssh.generate_private_key("ssh-rsa", key_size=1024).export_public_key().decode().strip()


def declared(*, own: str = f"{OWN} anna@laptop", remove: bool = False) -> Step:
    return authorized_keys_step(STACK, own, remove_foreign=remove)


def let_in(guest: GuestHome, *lines: str) -> None:
    (guest.home / ".ssh").mkdir(exist_ok=True)
    (guest.home / ".ssh" / "authorized_keys").write_text("\n".join(lines))


def lines(guest: GuestHome) -> list[str]:
    return (guest.home / ".ssh" / "authorized_keys").read_text().splitlines()


def warning(guest: GuestHome, step: Step) -> str:
    found = guest.find(step)["authorized-keys"]
    assert found.satisfied, found.facts
    return "".join(step.plan(found.facts).warnings)


def fingerprint(key: str) -> str:
    return asyncssh.import_public_key(key).get_fingerprint()


def apply(guest: GuestHome, step: Step) -> None:
    result = guest.run(step, "t-1", guest.find(step)["authorized-keys"].facts)
    assert result.returncode == 0, result.stderr
    assert guest.find(step)["authorized-keys"].satisfied


def test_the_stacks_keys_with_comments_options_and_blank_lines_are_as_declared(guest: GuestHome) -> None:
    let_in(guest, "# mine", "", f"{STACK} fastai", f'from="10.0.0.1",command="a \\"b\\" c" {OWN} other name')
    assert warning(guest, declared()) == ""
    assert guest.find(declared(remove=True))["authorized-keys"].satisfied


@pytest.mark.parametrize(
    "line",
    [
        f"{OTHER} bob@elsewhere",
        f'command="/bin/x {STACK}" {OTHER} bob@elsewhere',
        f"no-pty {OTHER} bob@elsewhere {STACK}",
        f"  {OTHER}   bob@elsewhere",
    ],
    ids=["plain", "the stack's in an option", "the stack's in the comment", "with spaces before"],
)
def test_another_key_is_a_warning_with_comment_and_fingerprint_and_no_difference(
    guest: GuestHome, line: str
) -> None:
    let_in(guest, STACK, OWN, line)
    told = warning(guest, declared())
    assert f"{fingerprint(OTHER)} bob@elsewhere" in told
    assert fingerprint(STACK) not in told


def test_many_other_keys_are_counted_and_not_all_named(guest: GuestHome) -> None:
    others = [f"{key_pair.generate()['public_key']} key {number}" for number in range(8)]
    let_in(guest, STACK, OWN, *others, f"{RSA} last")
    told = warning(guest, declared())
    assert "key 4, and 4 more" in told
    assert "key 5" not in told


def test_what_a_stranger_wrote_into_a_comment_reaches_no_terminal(guest: GuestHome) -> None:
    let_in(guest, STACK, OWN, f"{OTHER} \x1b[2Jgone{'x' * 500}")
    told = warning(guest, declared())
    assert "\x1b" not in told
    assert "x" * 61 not in told


def test_other_keys_that_are_to_go_are_a_difference_that_names_them_and_go(guest: GuestHome) -> None:
    let_in(guest, "# mine", STACK, f"{RSA} bob@elsewhere", f"{OWN} anna", "")
    step = declared(remove=True)
    apply(guest, declared(remove=False))
    found = guest.find(step)["authorized-keys"]
    plan = step.plan(found.facts)
    assert plan.summary == (
        f"authorized-keys: of the stack and of your own, no others; goes: {fingerprint(RSA)} bob@elsewhere"
    )
    assert plan.warnings == ()
    assert verdict.judge(found, plan.version, plan.summary).summary == plan.summary
    apply(guest, step)
    assert lines(guest) == ["# mine", STACK, f"{OWN} anna"]
    removed = (guest.home / ".local/state/fastai/removed_keys").read_text()
    assert f"{RSA} bob@elsewhere" in removed
    let_in(guest, STACK, OWN, OTHER)
    assert guest.find(step)["authorized-keys"].drift == "1 more let in"


def test_a_key_of_ones_own_is_let_in_without_a_reboot_and_others_stay(guest: GuestHome) -> None:
    let_in(guest, STACK, f"{OTHER} bob")
    assert guest.find(declared())["authorized-keys"].drift == "a key of the stack is not let in"
    apply(guest, declared())
    assert lines(guest) == [STACK, f"{OTHER} bob", f"{OWN} anna@laptop"]
    assert (guest.home / ".ssh" / "authorized_keys").stat().st_mode & 0o777 == 0o600


def test_without_a_key_of_ones_own_the_stacks_alone_is_declared(guest: GuestHome) -> None:
    let_in(guest, STACK)
    assert warning(guest, declared(own="")) == ""
    assert declared(own="").plan({}).summary == "authorized-keys: of the stack"
