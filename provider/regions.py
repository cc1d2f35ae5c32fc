"""The regions and their spellings: the API takes codes and answers long forms (paperspace-api.md 1.2)."""

from __future__ import annotations

from dataclasses import dataclass

from provider.errors import InvalidInput
from provider.suggestions import did_you_mean


@dataclass(frozen=True)
class Region:
    """`name` is what people and answers use, `code` what requests carry."""

    code: str
    name: str


REGIONS: dict[str, Region] = {
    region.name: region
    for region in (
        Region("ny2", "East Coast (NY2)"),
        Region("ca1", "West Coast (CA1)"),
        Region("ams1", "Europe (AMS1)"),
    )
}
"""By canonical name."""

_BY_SPELLING = {
    spelling.casefold(): region for region in REGIONS.values() for spelling in (region.code, region.name)
}
_NAME_OF_CODE = {region.code: region.name for region in REGIONS.values()}


def canonical_region(text: str) -> str:
    """The long name for any spelling, such as "ny2". Raises InvalidInput with the closest match."""
    region = _BY_SPELLING.get(text.strip().casefold())
    if region is None:
        problem = f"no region {text!r}; {did_you_mean(text, list(REGIONS), _NAME_OF_CODE)}"
        raise InvalidInput(problem)
    return region.name


def region_code(name: str) -> str:
    """What a request carries."""
    return REGIONS[canonical_region(name)].code


def same_region(first: str, second: str) -> bool:
    """Whether two spellings mean one region; spellings that are not known are compared as they are."""
    return _known(first) == _known(second)


def _known(text: str) -> str:
    region = _BY_SPELLING.get(text.strip().casefold())
    return region.name if region else text.strip().casefold()
