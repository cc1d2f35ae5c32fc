"""The fastai step on real git repositories: what becomes of the repository and of a student's work in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from components.fastai import fastai_step, summary
from tests.components.fastai_machine import CONDA, IDENTITY, Fastai, Upstream, git
from tests.components.guest import GuestHome


@pytest.fixture
def fastai(guest: GuestHome, tmp_path: Path) -> Fastai:
    return Fastai(guest, Upstream(tmp_path / "upstream"))


def test_the_first_run_updates_the_environment_as_the_course_does(fastai: Fastai) -> None:
    assert not fastai.find().satisfied
    fastai.updated()
    assert fastai.conda_calls() == 1


def test_a_new_commit_upstream_is_a_difference_that_says_from_where_to_where(fastai: Fastai) -> None:
    old = fastai.updated()
    fastai.upstream.commit({"new": "1"})
    new = fastai.upstream.commit({"new": "2"})
    found = fastai.find()
    assert not found.satisfied
    assert summary("", 0, found.facts) == f"fastai: revision {old[:7]} -> {new[:7]}, 2 commits"
    assert git(fastai.clone, "rev-parse", "HEAD") == old
    assert fastai.updated() == new
    assert fastai.conda_calls() == 1


def test_the_environment_is_updated_again_only_when_its_file_changed(fastai: Fastai) -> None:
    fastai.updated()
    fastai.upstream.commit({"environment.yml": "name: fastai\ndependencies: []\n"})
    fastai.updated()
    fastai.updated()
    assert fastai.conda_calls() == 2
    assert "dependencies" in (fastai.environment / "made-from").read_text()


def test_a_pinned_commit_tag_or_branch_is_gone_to_and_stayed_on(fastai: Fastai) -> None:
    first = fastai.updated()
    second = fastai.upstream.commit({"new": "1"})
    git(fastai.upstream.folder, "tag", "-a", "v2", "-m", "two")
    git(fastai.upstream.folder, "branch", "course", first)
    fastai.upstream.commit({"new": "2"})
    assert fastai.updated(second) == second
    assert fastai.updated(first[:8]) == first
    assert fastai.updated("v2") == second
    assert fastai.updated("course") == first


def test_a_revision_that_upstream_does_not_have_is_a_failure_that_names_it(fastai: Fastai) -> None:
    fastai.updated()
    assert not fastai.find("0123abc").satisfied
    result = fastai.update("0123abc")
    assert result.returncode != 0
    assert "0123abc" in result.stderr


def test_a_branch_that_upstream_does_not_have_is_named_beside_some_that_it_has(fastai: Fastai) -> None:
    git(fastai.upstream.folder, "tag", "-a", "v2", "-m", "two")
    result = fastai.update("nosuchbranch")
    assert result.returncode != 0
    assert 'fastai_revision = "nosuchbranch": upstream has no such commit, tag or branch' in result.stderr
    assert "such as master v2;" in result.stderr


def test_a_plain_machine_is_told_of_a_branch_that_there_is_not(guest: GuestHome, plain: Upstream) -> None:
    step = fastai_step("nosuchbranch", 0)
    result = guest.run(step, "t-1", guest.find(step)["fastai"].facts)
    assert result.returncode != 0
    assert 'fastai_revision = "nosuchbranch"' in result.stderr
    assert not (guest.home / "fastai").exists()


def test_an_upstream_that_answers_only_now_is_asked_again_by_the_next_run(fastai: Fastai) -> None:
    result = fastai.guest.run(fastai.step(), "t-1", {"wanted": ""}, **fastai.clock)
    assert result.returncode != 0
    assert "run up again" in result.stderr


def test_local_edits_stay_in_the_files_and_win_where_lines_meet(fastai: Fastai) -> None:
    fastai.updated()
    fastai.file("README.md").write_text("ONE\ntwo\nthree\n")
    new = fastai.upstream.commit({"README.md": "uno\ntwo\nTHREE\n"})
    assert fastai.updated() == new
    assert fastai.file("README.md").read_text().startswith("ONE\n")
    [backup] = fastai.backups()
    assert git(fastai.clone, "show", f"{backup}:README.md") == "ONE\ntwo\nthree"


def test_an_edit_that_meets_nothing_is_merged_with_upstreams(fastai: Fastai) -> None:
    fastai.updated()
    fastai.file("courses/dl1/lesson1.ipynb").write_text("my lesson\n")
    fastai.upstream.commit({"README.md": "uno\n"})
    fastai.updated()
    assert fastai.file("courses/dl1/lesson1.ipynb").read_text() == "my lesson\n"
    assert fastai.file("README.md").read_text() == "uno\n"


def test_an_edited_file_that_upstream_deletes_is_kept(fastai: Fastai) -> None:
    fastai.updated()
    fastai.file("README.md").write_text("mine\n")
    git(fastai.upstream.folder, "rm", "--quiet", "README.md")
    fastai.upstream.commit({"other": ""})
    fastai.updated()
    assert fastai.file("README.md").read_text() == "mine\n"


def test_a_file_of_ones_own_is_kept_where_upstream_brings_one_of_that_name(fastai: Fastai) -> None:
    fastai.updated()
    fastai.file("notes.txt").write_text("mine\n")
    fastai.file("dir").write_text("a file where upstream has a folder\n")
    fastai.upstream.commit({"notes.txt": "theirs\n"})
    fastai.updated()
    assert fastai.file("notes.txt").read_text() == "mine\n"


def test_nothing_is_lost_where_upstream_brings_a_folder_in_place_of_ones_own_file(fastai: Fastai) -> None:
    fastai.updated()
    fastai.file("extra").write_text("mine\n")
    fastai.upstream.commit({"extra/inside": "theirs\n"})
    result = fastai.update()
    kept = [fastai.file("extra").read_text() if fastai.file("extra").is_file() else ""]
    kept += [git(fastai.clone, "show", f"{backup}:extra") + "\n" for backup in fastai.backups()]
    assert "mine\n" in kept, result.stderr


def test_own_commits_stay_commits_and_upstreams_are_merged_into_them(fastai: Fastai) -> None:
    fastai.updated()
    fastai.file("mine.py").write_text("1\n")
    git(fastai.clone, "add", "--all")
    git(fastai.clone, "commit", "--quiet", "-m", "my work")
    mine = git(fastai.clone, "rev-parse", "HEAD")
    new = fastai.upstream.commit({"README.md": "uno\n"})
    fastai.updated()
    for commit in (mine, new):
        git(fastai.clone, "merge-base", "--is-ancestor", commit, "HEAD")
    assert git(fastai.clone, "status", "--porcelain", "--untracked-files=no") == ""


def test_own_commits_are_on_a_backup_branch_when_a_pin_is_gone_to(fastai: Fastai) -> None:
    first = fastai.updated()
    fastai.file("mine.py").write_text("1\n")
    git(fastai.clone, "add", "--all")
    git(fastai.clone, "commit", "--quiet", "-m", "my work")
    mine = git(fastai.clone, "rev-parse", "HEAD")
    assert fastai.updated(first) == first
    assert [git(fastai.clone, "rev-parse", backup) for backup in fastai.backups()] == [mine]
    assert fastai.file("mine.py").read_text() == "1\n"


def test_an_unfinished_merge_is_refused_with_what_to_do(fastai: Fastai) -> None:
    fastai.updated()
    git(fastai.clone, "checkout", "--quiet", "-b", "side")
    fastai.file("README.md").write_text("side\n")
    git(fastai.clone, "commit", "--quiet", "--all", "-m", "side")
    git(fastai.clone, "checkout", "--quiet", "master")
    fastai.file("README.md").write_text("master\n")
    git(fastai.clone, "commit", "--quiet", "--all", "-m", "master")
    merge = ["git", "-C", str(fastai.clone), "merge", "side"]
    conflict = subprocess.run(merge, env={**os.environ, **IDENTITY}, capture_output=True, check=False)
    assert conflict.returncode == 1
    fastai.upstream.commit({"new": "1"})
    result = fastai.update()
    assert result.returncode != 0
    assert "unfinished merge" in result.stderr


def test_a_failed_environment_leaves_the_old_one_and_the_repository_and_the_step_dirty(
    fastai: Fastai,
) -> None:
    old = fastai.updated()
    (fastai.guest.home / "conda-fails").touch()
    fastai.upstream.commit({"environment.yml": "name: fastai\ndependencies: []\n"})
    result = fastai.update()
    assert result.returncode != 0
    assert "in use again" in result.stderr
    assert git(fastai.clone, "rev-parse", "HEAD") == old
    assert not (fastai.environment / "broken").exists()
    assert (fastai.environment / "made-from").read_text() == "name: fastai\n"
    marker = fastai.find().marker
    assert marker
    assert not marker.ok
    (fastai.guest.home / "conda-fails").unlink()
    fastai.updated()


def test_an_update_whose_fastai_cannot_be_imported_is_not_taken(fastai: Fastai) -> None:
    old = fastai.updated()
    fastai.upstream.commit({"fastai/__init__.py": "raise ImportError('broken release')\n"})
    result = fastai.update()
    assert result.returncode != 0
    assert "broken release" in result.stderr
    assert git(fastai.clone, "rev-parse", "HEAD") == old


def test_an_unreachable_upstream_is_no_difference(fastai: Fastai) -> None:
    fastai.updated()
    fastai.upstream.folder.rename(fastai.upstream.folder.with_name("gone"))
    found = fastai.find()
    assert found.satisfied
    assert found.facts["upstream"] == "unreachable"


def test_lessons_are_copied_once_and_a_copy_is_never_touched(fastai: Fastai) -> None:
    fastai.updated()
    copy = fastai.file("courses/dl1/tmp-lesson1.ipynb")
    assert copy.read_text() == "lesson 1\n"
    copy.write_text("my answers\n")
    fastai.upstream.commit({"courses/dl1/lesson1.ipynb": "lesson 1, new\n", "courses/dl1/lesson2.ipynb": ""})
    fastai.updated()
    assert copy.read_text() == "my answers\n"
    assert fastai.file("courses/dl1/tmp-lesson2.ipynb").exists()


CURL = """\
while [ $# -gt 0 ]; do case $1 in -o) file=$2;; https:*) echo $1 >~/fetched;; esac; shift; done
cat >$file <<'END'
while [ $# -gt 0 ]; do case $1 in -p) root=$2;; esac; shift; done
mkdir -p $root/bin
cp ~/conda-to-install $root/bin/conda
END
"""


@pytest.fixture
def plain(guest: GuestHome, tmp_path: Path) -> Upstream:
    """A machine of a plain template: no clone and no conda, but GitHub and Anaconda can be reached."""
    upstream = Upstream(tmp_path / "upstream")
    gitconfig = f'[url "{upstream.folder}"]\n  insteadOf = https://github.com/fastai/fastai.git\n'
    (guest.home / ".gitconfig").write_text(gitconfig)
    conda = guest.home / "conda-to-install"
    conda.write_text("#!/bin/bash\nset -e\n" + CONDA.replace("PYTHON", sys.executable))
    conda.chmod(0o755)
    guest.command("curl", CURL)
    guest.command("sudo", 'exec "$@"')
    return upstream


@pytest.mark.parametrize("revision", ["", "v1"], ids=["upstream's newest", "a tag"])
def test_a_plain_machine_gets_fastai_and_conda(guest: GuestHome, plain: Upstream, revision: str) -> None:
    git(plain.folder, "tag", "-a", "v1", "-m", "one")
    wanted = git(plain.folder, "rev-parse", "HEAD")
    step = fastai_step(revision, 0)
    found = guest.find(step)["fastai"]
    assert (found.satisfied, found.drift) == (False, "fastai is not installed")
    assert summary(revision, 0, found.facts) == f"fastai: revision {wanted[:7]}"
    result = guest.run(step, "t-1", found.facts)
    assert result.returncode == 0, result.stderr
    assert guest.find(step)["fastai"].satisfied
    assert git(guest.home / "fastai", "rev-parse", "HEAD") == wanted
    assert "repo.anaconda.com/miniconda" in (guest.home / "fetched").read_text()


def test_a_folder_that_is_no_clone_is_not_touched(guest: GuestHome, plain: Upstream) -> None:
    (guest.home / "fastai").mkdir()
    (guest.home / "fastai" / "mine").touch()
    step = fastai_step("", 0)
    result = guest.run(step, "t-1", guest.find(step)["fastai"].facts)
    assert result.returncode != 0
    assert "no git clone" in result.stderr
    assert (guest.home / "fastai" / "mine").exists()


def test_a_machine_that_reaches_no_upstream_says_so(guest: GuestHome, plain: Upstream) -> None:
    plain.folder.rename(plain.folder.with_name("gone"))
    step = fastai_step("", 0)
    result = guest.run(step, "t-1", guest.find(step)["fastai"].facts)
    assert result.returncode != 0
    assert "is the machine on the internet?" in result.stderr


def test_the_summary_counts_commits_that_are_already_fetched() -> None:
    facts = {"head": "a" * 40, "wanted": "b" * 40, "commits": "14"}
    assert summary("", 0, facts) == "fastai: revision aaaaaaa -> bbbbbbb, 14 commits"
    assert summary("", 0, {}) == "fastai: revision newest of its upstream"
