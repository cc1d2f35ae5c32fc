"""The pages of the proxy in front of the API: HTML where a client expects JSON (paperspace-api.md 1.1)."""

from __future__ import annotations

from starlette.responses import HTMLResponse

_PAGE = """<!DOCTYPE html>
<html><head><title>{title} | api.paperspace.com | Cloudflare</title></head>
<body><h1>{title}</h1><p>{status}. Cloudflare Ray ID: 8f0000000000abcd</p></body></html>
"""


def html_page(status: int) -> HTMLResponse:
    title = "Attention Required!" if status == 403 else "Error"
    return HTMLResponse(_PAGE.format(title=title, status=status), status)
