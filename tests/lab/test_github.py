"""Finding and rewriting our one comment, on a server that plays GitHub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from lab.comment import MARKER
from lab.github import PullRequest
from lab.github_session import GitHubRefused
from tests.lab.github_api import BOT, GitHubApi, serving


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    stamina.set_testing(True, attempts=5)
    yield
    stamina.set_testing(False)


@pytest.fixture
def github() -> Iterator[GitHubApi]:
    with serving(GitHubApi()) as api:
        yield api


def put(github: GitHubApi, text: str, repository: str = "class/lab") -> str:
    with PullRequest(repository, 7, "token", github.url) as target:
        return target.put(MARKER, f"{MARKER}\n{text}")


def bodies(github: GitHubApi) -> list[str]:
    return [each["body"].removeprefix(f"{MARKER}\n") for each in github.comments]


def test_the_first_run_posts_and_the_second_rewrites(github: GitHubApi) -> None:
    address = put(github, "one")
    assert put(github, "two") == address
    assert bodies(github) == ["two"]


def test_our_comment_is_found_on_a_later_page(github: GitHubApi) -> None:
    for number in range(250):
        github.add(f"chat {number}")
    github.add(f"{MARKER}\nold", BOT)
    for number in range(70):
        github.add(f"more chat {number}")
    put(github, "new")
    assert len(github.comments) == 321
    assert bodies(github)[250] == "new"


def test_a_comment_of_somebody_else_with_the_marker_is_left_alone(github: GitHubApi) -> None:
    github.add(f"{MARKER}\nforged")
    put(github, "ours")
    assert bodies(github) == ["forged", "ours"]


def test_with_a_person_s_token_the_person_s_own_comment_is_rewritten(github: GitHubApi) -> None:
    github.login = "anna"
    github.add(f"{MARKER}\nanna's")
    github.add(f"{MARKER}\nthe bot's", BOT)
    put(github, "new")
    assert bodies(github) == ["new", "the bot's"]


def test_of_two_left_by_runs_at_the_same_time_one_stays(github: GitHubApi) -> None:
    github.add(f"{MARKER}\nfirst", BOT)
    github.add(f"{MARKER}\nsecond", BOT)
    put(github, "new")
    assert bodies(github) == ["new"]


def test_a_lost_reply_does_not_make_a_second_comment(github: GitHubApi) -> None:
    github.lose_next_reply_to_post = True
    put(github, "one")
    assert bodies(github) == ["one"]


@pytest.mark.parametrize("status", [502, 503, 429])
def test_a_busy_github_is_asked_again(github: GitHubApi, status: int) -> None:
    github.failures = [(status, {"Retry-After": "0"})] * 2
    put(github, "one")
    assert bodies(github) == ["one"]


def test_a_token_that_may_not_comment_is_told_the_permission(github: GitHubApi) -> None:
    github.failures = [(403, {}), (403, {})]
    with pytest.raises(GitHubRefused, match="pull-requests: write"):
        put(github, "one")


def test_a_wrong_repository_is_told(github: GitHubApi) -> None:
    with pytest.raises(GitHubRefused, match="--pull-request right"):
        put(github, "one", repository="class/other")
