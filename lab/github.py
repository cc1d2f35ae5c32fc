"""Comments under a pull request, through GitHub's REST API (docs.github.com/rest/issues/comments)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import requests

from lab.github_session import API, Busy, GitHubRefused, GitHubSession

A_PAGE = 100


@dataclass(frozen=True)
class Comment:
    """One comment; `body` as it stands there."""

    id: int
    body: str
    author: str
    by_bot: bool


class PullRequest(GitHubSession):
    """One pull request of `repository` (owner/name)."""

    def __init__(self, repository: str, number: int, token: str, api: str = API) -> None:
        super().__init__(token, api)
        self._url = f"{self.api}/repos/{repository}/issues"
        self._number = number

    def put(self, marker: str, body: str) -> str:
        """Writes `body` over our own comment that begins with `marker`, or as a new one; its address.

        Of several (two runs at once) the oldest stays. Raises GitHubRefused.
        """
        own = self.own_comments(marker)
        if not own:
            return self._create(marker, body)
        for extra in own[1:]:
            self.call("DELETE", f"{self._url}/comments/{extra.id}")
        return str(self.call("PATCH", f"{self._url}/comments/{own[0].id}", {"body": body}).json()["html_url"])

    def own_comments(self, marker: str) -> list[Comment]:
        """Ours, oldest first: others may quote the marker, and theirs are not to be overwritten."""
        me = self._login()
        found = [each for each in self.comments() if each.body.startswith(marker)]
        own = [each for each in found if (each.author == me if me else each.by_bot)]
        return sorted(own, key=lambda each: each.id)

    def comments(self) -> Iterator[Comment]:
        """All of them, over all pages."""
        url: str | None = f"{self._url}/{self._number}/comments?per_page={A_PAGE}"
        while url:
            answer = self.call("GET", url)
            for item in answer.json():
                user = item.get("user") or {}
                yield Comment(
                    item["id"], item.get("body") or "", user.get("login", ""), user.get("type") == "Bot"
                )
            url = answer.links.get("next", {}).get("url")

    def _login(self) -> str | None:
        """Whose token it is; None for a workflow's own token, which may not ask."""
        try:
            return str(self.call("GET", f"{self.api}/user").json()["login"])
        except GitHubRefused:
            return None

    def _create(self, marker: str, body: str) -> str:
        """A POST whose reply was lost may have worked: look before it is sent again."""
        url = f"{self._url}/{self._number}/comments"
        try:
            return str(self.send("POST", url, {"body": body}).json()["html_url"])
        except (requests.ConnectionError, requests.Timeout, Busy):
            if own := self.own_comments(marker):
                return f"comment {own[0].id}"
            return str(self.call("POST", url, {"body": body}).json()["html_url"])
