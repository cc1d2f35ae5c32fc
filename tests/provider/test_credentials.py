"""Where the key comes from, and where it is never sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from provider.client import DEFAULT_URL
from provider.credentials import api_key, client_from_environment
from provider.errors import InvalidEndpoint, MissingApiKey

SANDBOX = "http://127.0.0.1:4000/v1"


def log_in(home: Path, credentials: str, config: str | None = None) -> None:
    folder = home / ".paperspace"
    folder.mkdir()
    (folder / "credentials.toml").write_text(credentials)
    if config is not None:
        (folder / "config.toml").write_text(config)


def test_the_environment_comes_first(tmp_path: Path) -> None:
    log_in(tmp_path, '[keys]\nteam = "from-file"\n')
    assert api_key({"PAPERSPACE_API_KEY": " from-environment\n"}, tmp_path, DEFAULT_URL) == "from-environment"


def test_the_key_of_the_chosen_team_is_taken(tmp_path: Path) -> None:
    log_in(tmp_path, 'version = 1\n[keys]\nred = "r"\nblue = "b"\n', 'version = 1\nteam = "blue"\n')
    assert api_key({}, tmp_path, DEFAULT_URL) == "b"


def test_an_only_key_needs_no_chosen_team(tmp_path: Path) -> None:
    log_in(tmp_path, '[keys]\nred = "r"\n')
    assert api_key({}, tmp_path, DEFAULT_URL) == "r"


@pytest.mark.parametrize("config", [None, 'team = "green"\n'])
def test_several_keys_without_a_valid_choice_are_an_error_that_names_the_teams(
    config: str | None, tmp_path: Path
) -> None:
    log_in(tmp_path, '[keys]\nred = "secret-r"\nblue = "secret-b"\n', config)
    with pytest.raises(MissingApiKey, match=r"teams blue, red.*pspace config set team") as caught:
        api_key({}, tmp_path, DEFAULT_URL)
    assert "secret" not in str(caught.value)


def test_no_key_at_all_says_where_to_put_one(tmp_path: Path) -> None:
    with pytest.raises(MissingApiKey, match=r"PAPERSPACE_API_KEY is not set.*export.*pspace login"):
        client_from_environment({}, tmp_path)


def test_a_file_that_cannot_be_read_is_named_without_its_content(tmp_path: Path) -> None:
    log_in(tmp_path, 'keys = "secret-r\n')
    with pytest.raises(MissingApiKey, match=r"credentials\.toml cannot be read") as caught:
        api_key({}, tmp_path, DEFAULT_URL)
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_the_real_key_of_the_cli_is_not_sent_to_another_address(tmp_path: Path) -> None:
    log_in(tmp_path, '[keys]\nteam = "real"\n')
    with pytest.raises(MissingApiKey, match=r"127\.0\.0\.1"):
        client_from_environment({"PAPERSPACE_API_URL": SANDBOX}, tmp_path)


def test_a_key_with_a_line_break_is_refused_before_it_reaches_a_header(tmp_path: Path) -> None:
    with pytest.raises(MissingApiKey, match="blanks or other characters") as caught:
        api_key({"PAPERSPACE_API_KEY": "half\nother"}, tmp_path, DEFAULT_URL)
    assert "half" not in str(caught.value)


def test_the_address_is_the_real_one_unless_said_otherwise(tmp_path: Path) -> None:
    key = {"PAPERSPACE_API_KEY": "k"}
    assert client_from_environment(key, tmp_path).url == DEFAULT_URL
    assert client_from_environment(key | {"PAPERSPACE_API_URL": SANDBOX + "/"}, tmp_path).url == SANDBOX


def test_an_address_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidEndpoint, match="PAPERSPACE_API_URL is 'localhost'"):
        client_from_environment({"PAPERSPACE_API_KEY": "k", "PAPERSPACE_API_URL": "localhost"}, tmp_path)


def test_a_password_in_the_address_is_not_repeated(tmp_path: Path) -> None:
    environment = {"PAPERSPACE_API_KEY": "k", "PAPERSPACE_API_URL": "https://me:hidden@host/v1"}
    with pytest.raises(InvalidEndpoint) as caught:
        client_from_environment(environment, tmp_path)
    assert "hidden" not in str(caught.value)
