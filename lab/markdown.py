"""Text of others made safe inside GitHub's Markdown, and measured as GitHub measures it."""

from __future__ import annotations

import re


def size(text: str) -> int:
    """The larger of UTF-8 bytes and UTF-16 units: an emoji is 4 and 2."""
    return max(len(text.encode("utf-8", "replace")), len(text.encode("utf-16-le", "replace")) // 2)


def longest_run(character: str, text: str) -> int:
    return max(map(len, re.findall(re.escape(character) + "+", text)), default=0)


def fenced(text: str, language: str) -> str:
    """A code block that nothing inside can end."""
    fence = "`" * max(3, longest_run("`", text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def code(text: str) -> str:
    """Inline code in a table's cell: no mention, no link, no HTML and no cell border comes out of it."""
    line = " ".join(text.split()).replace("|", "\\|")
    tick = "`" * (longest_run("`", line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{tick}{pad}{line}{pad}{tick}" if line else ""


def visible(text: str) -> str:
    """Without characters that hide or reorder others; line feeds stay."""
    hiding = r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
    return re.sub(hiding, "�", text)


def plain(name: str) -> str:
    """A name that is no student id, harmless wherever it stands."""
    return re.sub(r"[^A-Za-z0-9._-]", "�", name)


def folded(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"
