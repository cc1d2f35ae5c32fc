"""When fastai is updated, what an update leaves behind, and the way back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components import verdict
from components.fastai import fastai_step, summary
from components.findings import Finding
from tests.components.fastai_machine import Fastai, Upstream, git
from tests.components.guest import GuestHome

NEWER = "name: fastai\ndependencies: []\n"


@pytest.fixture
def fastai(guest: GuestHome, tmp_path: Path) -> Fastai:
    return Fastai(guest, Upstream(tmp_path / "upstream"))


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fastai, str, str]:
    """A machine that follows upstream every 21 days, updated on day 0, one commit before upstream moved."""
    folder = tmp_path_factory.mktemp("machine")
    guest = GuestHome(folder / "machine")
    guest.home.mkdir(parents=True)
    machine = Fastai(guest, Upstream(folder / "upstream"))
    machine.every = 21
    old = machine.updated()
    git(machine.upstream.folder, "tag", "v1")
    return machine, old, machine.upstream.commit({"new": "1"})


@pytest.mark.parametrize(
    ("every", "day", "revision", "told"),
    [
        pytest.param(21, 0, "", "", id="just updated: what upstream does meanwhile is no difference"),
        pytest.param(21, 20, "", "", id="within the interval"),
        pytest.param(21, 21, "", "{move}; last updated 21 days ago, every 21", id="the interval is over"),
        pytest.param(21, 23, "", "{move}; last updated 23 days ago, every 21", id="for two days"),
        pytest.param(7, 8, "", "{move}; last updated 8 days ago, every 7", id="a shorter interval"),
        pytest.param(
            21, -9, "", "{move}; last updated in the future by the machine's clock, every 21 days", id="clock"
        ),
        pytest.param(0, 0, "", "{move}", id="no interval: every commit is followed"),
        pytest.param(0, 99, "", "{move}", id="no interval and long ago"),
        pytest.param(21, 99, "{old}", "", id="pinned to a commit: time does not matter"),
        pytest.param(21, 99, "v1", "", id="pinned to a tag: asked for once, and time does not matter"),
        pytest.param(21, 0, "master", "{move}; updated every 21 days", id="another branch is asked at once"),
    ],
)
def test_when_an_update_is_due(
    behind: tuple[Fastai, str, str], every: int, day: int, revision: str, told: str
) -> None:
    machine, old, new = behind
    machine.every, machine.day = every, day
    words = {"old": old, "move": f"fastai: revision {old[:7]} -> {new[:7]}, 1 commit"}
    found = machine.find(revision.format(**words))
    assert found.satisfied is not bool(told), found.facts
    if told:
        assert summary(revision, every, found.facts) == told.format(**words)


def test_an_update_is_due_though_upstream_has_nothing_new_and_the_packages_are_updated(
    fastai: Fastai,
) -> None:
    fastai.every = 21
    head = fastai.updated()
    fastai.day = 23
    found, plan = fastai.find(), fastai.step().plan(fastai.find().facts)
    judged = verdict.judge(found, plan.version, plan.summary, lambda: "n")
    assert (judged.token, judged.summary) == (
        "due-n",
        f"fastai: revision {head[:7]}; last updated 23 days ago, every 21",
    )
    assert fastai.updated() == head
    assert fastai.conda_calls() == 2
    assert fastai.find().satisfied


def test_a_failed_update_stays_due_and_what_is_kept_to_roll_back_to_stays(fastai: Fastai) -> None:
    fastai.every = 21
    first = fastai.updated()
    fastai.upstream.commit({"environment.yml": NEWER})
    fastai.day = 21
    fastai.updated()
    (fastai.guest.home / "conda-fails").touch()
    fastai.day = 44
    assert fastai.update().returncode != 0
    assert "last updated 23 days ago, every 21" in fastai.summary()
    fastai.rolled_back()
    assert fastai.head() == first


def test_an_upstream_that_does_not_answer_when_an_update_is_due_is_a_warning_and_no_difference(
    fastai: Fastai,
) -> None:
    fastai.every = 21
    fastai.updated()
    fastai.day = 22
    fastai.upstream.folder.rename(fastai.upstream.folder.with_name("gone"))
    found = fastai.find()
    assert found.satisfied
    [warning] = fastai.step().plan(found.facts).warnings
    assert "last updated 22 days ago, every 21" in warning


def test_the_lock_is_recorded_with_the_revision_and_kept_with_each_environment(fastai: Fastai) -> None:
    first = fastai.updated()
    second = fastai.upstream.commit({"environment.yml": NEWER})
    fastai.updated()
    for folder, revision in ((fastai.environment, second), (fastai.previous, first)):
        lock = (folder / "fastai.lock.yml").read_text()
        assert lock.startswith(f"# fastai {revision}, ")
        assert "dependencies" in lock.splitlines()[1]
    (fastai.environment / "fastai.lock.yml").unlink()
    assert fastai.find().drift == "the environment's lock is missing"
    fastai.updated()


def test_an_update_that_was_cut_off_is_taken_back_before_anything_else(fastai: Fastai) -> None:
    fastai.updated()
    fastai.environment.rename(f"{fastai.environment}.before")
    (fastai.environment / "half-made").mkdir(parents=True)
    (fastai.guest.home / "conda-fails").touch()
    new = fastai.upstream.commit({"environment.yml": NEWER})
    assert fastai.update().returncode != 0
    assert not (fastai.environment / "half-made").exists()
    assert "dependencies" not in fastai.made_from()
    (fastai.guest.home / "conda-fails").unlink()
    assert fastai.updated() == new


TORCH = """\
__version__ = "1.0"
class cuda:
    is_available = staticmethod(lambda: {works})
"""


@pytest.mark.parametrize(
    ("driver", "torch", "reason"),
    [
        pytest.param("", "", None, id="no GPU: torch is not asked for"),
        pytest.param("", TORCH.format(works=False), None, id="no GPU: torch need not see one"),
        pytest.param("exit 9", TORCH.format(works=False), None, id="nvidia-smi finds no GPU"),
        pytest.param("echo GPU 0", TORCH.format(works=True), None, id="a GPU that torch sees"),
        pytest.param("echo GPU 0", TORCH.format(works=False), "torch 1.0 sees no GPU", id="no GPU for torch"),
        pytest.param("echo GPU 0", "", "No module named 'torch'", id="a GPU and no torch"),
    ],
)
def test_where_there_is_a_gpu_torch_must_see_it_or_the_update_is_taken_back(
    fastai: Fastai, driver: str, torch: str, reason: str | None
) -> None:
    old = fastai.head()
    fastai.guest.command("nvidia-smi", driver or "exit 127")
    new = fastai.upstream.commit({"torch.py": torch} if torch else {"none": ""})
    result = fastai.update()
    assert (result.returncode == 0, fastai.head()) == ((True, new) if reason is None else (False, old))
    assert reason is None or f"does not work: {reason}" in re.sub(r"\w+Error: ", "", result.stderr)


def test_the_way_back_and_forth(fastai: Fastai) -> None:
    fastai.every = 21
    old = fastai.updated()
    fastai.file("README.md").write_text("mine\n")
    new = fastai.upstream.commit({"environment.yml": NEWER, "README.md": "theirs\n"})
    fastai.day = 30
    fastai.updated()
    fastai.day = 31

    told = fastai.rolled_back()
    assert f"fastai is back at {old[:7]}" in told
    assert f"pulumi config set fastai_revision {old[:12]}" in told
    assert "In 21 days `pulumi up` goes to the newest revision again" in told
    assert (fastai.head(), fastai.made_from()) == (old, "name: fastai\n")
    assert fastai.file("README.md").read_text() == "mine\n"

    assert (
        fastai.summary() == f"fastai: revision {old[:7]}, rolled back from {new[:7]}; updated every 21 days"
    )
    assert fastai.updated() == old, "the next up keeps it for the time of the interval"
    assert fastai.conda_calls() == 2
    fastai.day = 52
    assert fastai.summary().endswith("; last rolled back 21 days ago, every 21")
    fastai.day = 31

    assert fastai.updated(old) == old, "a pin keeps it for good"
    fastai.day = 400
    assert fastai.find(old).satisfied

    fastai.rolled_back()
    assert (fastai.head(), fastai.made_from()) == (new, NEWER)
    assert "drift" in fastai.find(old).facts, "the pin is still declared"


def test_a_way_back_that_is_not_pinned_ends_at_the_next_up_where_every_commit_is_followed(
    fastai: Fastai,
) -> None:
    old = fastai.updated()
    new = fastai.upstream.commit({"new": "1"})
    fastai.updated()
    assert "The next `pulumi up` goes to the newest revision again" in fastai.rolled_back()
    assert fastai.summary() == f"fastai: revision {old[:7]} -> {new[:7]}, 1 commit"
    assert fastai.updated() == new


def test_without_an_update_there_is_no_way_back(fastai: Fastai) -> None:
    fastai.updated()
    result = fastai.roll_back()
    assert result.returncode == 1
    assert "there is nothing to go back to" in result.stderr


def test_no_way_back_while_an_update_is_under_way(fastai: Fastai) -> None:
    fastai.updated()
    lock = fastai.guest.steps / "fastai" / "worker.lock"
    result = fastai.guest.bash(f"flock {lock} {fastai.guest.root}/usr/local/bin/fastai-rollback")
    assert result.returncode == 1
    assert "an update is under way" in result.stderr


def test_a_way_back_that_was_cut_off_is_finished(fastai: Fastai) -> None:
    fastai.updated()
    fastai.upstream.commit({"environment.yml": NEWER})
    fastai.updated()
    fastai.environment.rename(f"{fastai.environment}.exchanged")
    fastai.rolled_back()
    assert fastai.made_from() == NEWER, "what was cut off went back; this run goes forward again"
    assert fastai.previous.exists()


def test_a_changed_rollback_command_is_drift(fastai: Fastai) -> None:
    fastai.updated()
    (fastai.guest.root / "usr/local/bin/fastai-rollback").unlink()
    assert fastai.find().drift == "the command fastai-rollback was changed"
    fastai.updated()


def test_the_interval_of_a_pinned_commit_is_no_part_of_its_version() -> None:
    commit = "0123456789"
    assert fastai_step(commit, 21).plan({}).version == fastai_step(commit, 0).plan({}).version


def test_what_is_due_and_drifted_too_is_told_as_drift() -> None:
    assert not Finding(facts={"due": "d", "drift": "x"}).is_due
