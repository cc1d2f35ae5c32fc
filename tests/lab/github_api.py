"""A server that plays GitHub's comment API: pages of at most 100, Link headers, 65,536 characters a body."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LONGEST_BODY = 65_536
BOT = {"login": "github-actions[bot]", "type": "Bot"}


@dataclass
class GitHubApi:
    """Pull requests of class/lab, and the comments of number 7.

    `failures`: statuses to answer first, each once.
    """

    pulls: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    lose_next_reply_to_post: bool = False
    login: str | None = None
    requests: list[str] = field(default_factory=list)
    url: str = ""

    def add(self, body: str, user: dict[str, str] | None = None) -> dict[str, Any]:
        number = len(self.comments) + 1
        comment = {"id": number, "body": body, "user": user or {"login": "anna", "type": "User"}}
        comment["html_url"] = f"https://github.com/class/lab/pull/7#issuecomment-{number}"
        self.comments.append(comment)
        return comment

    def add_pull(self, number: int, repository: str, branch: str, sha: str) -> None:
        self.pulls.append(
            {"number": number, "head": {"sha": sha, "ref": branch, "repo": {"full_name": repository}}}
        )

    def pulls_from(self, head: str) -> list[dict[str, Any]]:
        owner, _, branch = head.partition(":")
        heads = [(pull, pull["head"]) for pull in self.pulls]
        return [
            pull
            for pull, head in heads
            if head["ref"] == branch and head["repo"]["full_name"].partition("/")[0] == owner
        ]

    def page(self, query: dict[str, list[str]]) -> tuple[list[dict[str, Any]], str | None]:
        size, number = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        assert size <= 100
        begin = (number - 1) * size
        more = len(self.comments) > begin + size
        following = f"{self.url}/repos/class/lab/issues/7/comments?per_page={size}&page={number + 1}"
        return self.comments[begin : begin + size], following if more else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: GitHubApi

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or "{}")
        self.api.requests.append(f"{self.command} {urlsplit(self.path).path}")
        if self.api.failures:
            status, headers = self.api.failures.pop(0)
            self.send(status, {"message": "not now"}, headers)
        elif len(body.get("body", "")) > LONGEST_BODY:
            self.send(422, {"message": "Body is too long (maximum is 65536 characters)"})
        else:
            self.route(urlsplit(self.path).path, body)

    do_GET = do_POST = do_PATCH = do_DELETE = answer

    def route(self, path: str, body: dict[str, Any]) -> None:
        issue = "/repos/class/lab/issues"
        if path == "/user":
            self.send(200, {"login": self.api.login}) if self.api.login else self.send(403, {"message": "no"})
        elif path == "/repos/class/lab/pulls":
            self.send(200, self.api.pulls_from(parse_qs(urlsplit(self.path).query)["head"][0]))
        elif path == f"{issue}/7/comments" and self.command == "GET":
            found, following = self.api.page(parse_qs(urlsplit(self.path).query))
            self.send(200, found, {"Link": f'<{following}>; rel="next"'} if following else {})
        elif path == f"{issue}/7/comments":
            made = self.api.add(body["body"], BOT)
            if self.api.lose_next_reply_to_post:
                self.api.lose_next_reply_to_post = False
                self.close_connection = True
            else:
                self.send(201, made)
        elif path.startswith(f"{issue}/comments/"):
            self.one_comment(int(path.rpartition("/")[2]), body)
        else:
            self.send(404, {"message": "Not Found"})

    def one_comment(self, number: int, body: dict[str, Any]) -> None:
        [comment] = [each for each in self.api.comments if each["id"] == number]
        if self.command == "DELETE":
            self.api.comments.remove(comment)
            self.send(204, None)
        else:
            comment["body"] = body["body"]
            self.send(200, comment)

    def send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def serving(api: GitHubApi) -> Iterator[GitHubApi]:
    handler = type("BoundHandler", (Handler,), {"api": api})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
