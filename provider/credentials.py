"""Where the API key comes from: the environment, else the official CLI's own files; never stack config.

The official CLI keeps ~/.paperspace/credentials.toml (`[keys]`, team name = key) and the chosen team as
`team` in ~/.paperspace/config.toml (github Paperspace/cli: credentials.ts, config.ts).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provider.endpoint import DEFAULT_URL, usable_url
from provider.errors import MissingApiKey

if TYPE_CHECKING:
    from provider.client import PaperspaceClient

KEY_VARIABLE = "PAPERSPACE_API_KEY"
URL_VARIABLE = "PAPERSPACE_API_URL"

FIX = (
    f"export {KEY_VARIABLE}=… (make one at console.paperspace.com, team settings, API keys), "
    "or log in with the official CLI: `pspace login`"
)


def client_from_environment(
    environment: Mapping[str, str] | None = None, home: Path | None = None
) -> PaperspaceClient:
    """A client for PAPERSPACE_API_URL (default the real API) and the key found.

    Raises MissingApiKey or InvalidEndpoint, both with the fix.
    """
    from provider.client import PaperspaceClient

    variables = os.environ if environment is None else environment
    url = usable_url(variables.get(URL_VARIABLE, "").strip() or DEFAULT_URL)
    return PaperspaceClient(api_key(variables, home or Path.home(), url), url)


def api_key(variables: Mapping[str, str], home: Path, url: str) -> str:
    """The key for `url`. The CLI's key belongs to the real service and is sent nowhere else."""
    key = variables.get(KEY_VARIABLE, "").strip()
    if key and (not key.isascii() or not key.isprintable() or " " in key):
        text = f"{KEY_VARIABLE} holds blanks or other characters that no key has; copy it once more"
        raise MissingApiKey(text)
    if key:
        return key
    if url != DEFAULT_URL:
        text = f"{KEY_VARIABLE} is not set, and the API is {url}; export {KEY_VARIABLE}=… for that address"
        raise MissingApiKey(text)
    return key_of_official_cli(home / ".paperspace")


def key_of_official_cli(folder: Path) -> str:
    """The key of the chosen team, or the only key there is. Raises MissingApiKey."""
    keys = _table(_toml(folder / "credentials.toml").get("keys"))
    team = _toml(folder / "config.toml").get("team")
    if not keys:
        text = f"{KEY_VARIABLE} is not set and {folder / 'credentials.toml'} holds no key; {FIX}"
        raise MissingApiKey(text)
    if team in keys:
        return keys[str(team)]
    if team is None and len(keys) == 1:
        return next(iter(keys.values()))
    text = (
        f"{folder / 'credentials.toml'} holds keys of the teams {', '.join(sorted(keys))}, "
        f"and the chosen team is {team or 'not set'}; run `pspace config set team <team name>`, or {FIX}"
    )
    raise MissingApiKey(text)


def _table(value: Any) -> dict[str, str]:
    entries = value.items() if isinstance(value, dict) else ()
    return {str(team): key for team, key in entries if isinstance(key, str) and key}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as failure:
        text = f"{path} cannot be read ({type(failure).__name__}); mend or remove it, or {FIX}"
    raise MissingApiKey(text)
