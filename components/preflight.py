"""What only Paperspace itself can say about a configuration: is there a key, and such a template."""

from __future__ import annotations

from components.settings import Problem
from provider import templates
from provider.credentials import KEY_VARIABLE, URL_VARIABLE, client_from_environment
from provider.errors import (
    ApiError,
    InvalidEndpoint,
    MissingApiKey,
    PaperspaceError,
    Unauthorized,
    UnknownTemplate,
)


def problems(template: str) -> list[Problem]:
    """What is wrong with the key, the endpoint or `template`; one read of the template list."""
    try:
        templates.find(client_from_environment(), template)
    except UnknownTemplate as unknown:
        return [Problem("template", f'"{template}"', str(unknown))]
    except InvalidEndpoint as invalid:
        return [Problem(URL_VARIABLE, "", str(invalid))]
    except MissingApiKey as missing:
        return [Problem(KEY_VARIABLE, "", str(missing))]
    except PaperspaceError as failure:
        return [unreadable(failure)]
    return []


def unreadable(failure: PaperspaceError) -> Problem:
    """The template list could not be read: a refused key, or an API that does not answer."""
    if isinstance(failure, Unauthorized):
        return Problem(
            KEY_VARIABLE, "", f"Paperspace refuses this key ({failure}); make a new one in its console"
        )
    if isinstance(failure, ApiError):
        return Problem(URL_VARIABLE, "", f"the API answers with an error: {failure}")
    return Problem(URL_VARIABLE, "", f"the API does not answer: {failure}")
