"""Which API: its address, and that a machine of another one is left alone."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from provider.errors import InvalidEndpoint, WrongEndpoint

if TYPE_CHECKING:
    from provider.client import PaperspaceClient

DEFAULT_URL = "https://api.paperspace.com/v1"


def usable_url(url: str) -> str:
    """The address without a closing slash. Raises InvalidEndpoint where a key may not be sent to it."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        shown = "no address without user and query" if parts.username or parts.query else repr(url)
        text = f"PAPERSPACE_API_URL is {shown}; give an address such as {DEFAULT_URL}"
        raise InvalidEndpoint(text)
    if parts.scheme == "http" and not is_loopback(url.strip()):
        text = f"PAPERSPACE_API_URL is {url!r}; an API key is only sent over https, or to this computer"
        raise InvalidEndpoint(text)
    return url.strip().rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether the host is this computer, where no proxy of the environment applies."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_other_endpoint(client: PaperspaceClient, machine_id: str, properties: Mapping[str, Any]) -> None:
    """A machine must never look gone because the environment leads to another service."""
    recorded = properties.get("api_url")
    if recorded and recorded != client.url:
        raise WrongEndpoint(machine_id, str(recorded), client.url)
