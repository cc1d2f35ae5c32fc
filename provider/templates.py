"""Templates, found by id, name or label: Paperspace's own, then the team's."""

from __future__ import annotations

from collections.abc import Sequence

from provider import custom_templates
from provider.client import PaperspaceClient
from provider.errors import UnknownTemplate
from provider.machine_types import known_machine_type
from provider.models import CustomTemplate, OsTemplate, parse
from provider.regions import same_region
from provider.suggestions import closest_first


def list_all(client: PaperspaceClient) -> list[OsTemplate]:
    """Every template of the account's catalogue."""
    return [parse(OsTemplate, item, "GET /os-templates") for item in client.items("/os-templates")]


def find(client: PaperspaceClient, wanted: str) -> OsTemplate:
    """The template whose id, name or label is `wanted`, in any letter case.

    The team's own templates are asked for only where Paperspace has none of that name. Raises
    UnknownTemplate that lists what there is, closest first; or the ids where one label means several.
    """
    stock = list_all(client)
    try:
        return choose(stock, wanted)
    except UnknownTemplate:
        return choose([*stock, *custom_templates.list_all(client)], wanted)


def choose(templates: Sequence[OsTemplate], wanted: str) -> OsTemplate:
    """As `find`, on a list already read."""
    for spelling in ("id", "name", "operating_system_label"):
        matches = [template for template in templates if same_text(getattr(template, spelling), wanted)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            ids = ", ".join(f"{template.id} ({template.name})" for template in matches)
            text = f"the template {wanted!r} is ambiguous; name one by its id: {ids}"
            raise UnknownTemplate(text)
    raise UnknownTemplate(_unknown(templates, wanted))


def runs_on(template: OsTemplate, machine_type: str) -> bool:
    """Whether the template's own list allows the type; a template without a list allows all."""
    listed = {
        known_machine_type(entry.machine_type_label): entry.is_available
        for entry in template.available_machine_types
    }
    return listed.get(machine_type, not listed)


def is_usable_in(template: OsTemplate, region: str) -> bool:
    """The team's own templates are bound to the region of the machine that they were made from."""
    return not isinstance(template, CustomTemplate) or same_region(template.region, region)


def same_text(first: str, second: str) -> bool:
    """Whether two spellings differ in letter case and outer blanks at most."""
    return first.strip().casefold() == second.strip().casefold()


def _unknown(templates: Sequence[OsTemplate], wanted: str) -> str:
    described = {
        f"{template.operating_system_label or template.name} ({template.id})": template
        for template in templates
    }
    listed = ", ".join(closest_first(wanted, list(described)))
    return (
        f"no template {wanted!r}; give a label, name or id, closest first: {listed or 'the account has none'}"
    )
