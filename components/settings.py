"""A student's configuration: every key of Pulumi.yaml, checked; no Pulumi and no network in it.

Values arrive as Pulumi hands them to a program: text, with lists as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from components.exclusion import below_home
from provider import catalog
from provider.errors import InvalidInput
from provider.suggestions import did_you_mean

IDLE_MINUTES = (15, 1440)
LATEST = "latest"
"""The newest archive of the stack."""

SECRETS = ("user_password", "root_password")


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `str()` is one line: key, value, reason with the fix."""

    key: str
    value: str
    fix: str

    def __str__(self) -> str:
        return f"{self.key} = {self.value}: {self.fix}" if self.value else f"{self.key}: {self.fix}"


class InvalidSettings(Exception):
    """Everything that is wrong with a configuration, in `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(["the configuration cannot be used:", *(f"  {p}" for p in problems)]))


def listed(value: object) -> object:
    """A list from JSON text; what is no JSON list is left for pydantic to refuse."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def open_ssh_public_key(value: str) -> str:
    """Empty, or one public key line. Raises ValueError with the fix."""
    kinds = ("ssh-ed25519 ", "ssh-rsa ", "ecdsa-sha2-", "sk-ssh-ed25519@", "sk-ecdsa-sha2-")
    if value.startswith("-----BEGIN"):
        text = "this is a private key; give the line in the file that ends in .pub"
        raise ValueError(text)
    if value and (not value.startswith(kinds) or "\n" in value or len(value.split()) < 2):
        text = "give one public key line, as in ~/.ssh/id_ed25519.pub (ssh-ed25519 AAAA… name)"
        raise ValueError(text)
    return value


def git_revision(value: str) -> str:
    """Empty, or a name that git takes as a commit, tag or branch. Raises ValueError with the fix."""
    if value.startswith("-") or any(character in value for character in " ~^:?*[\\\n'\"$`;&|<>"):
        text = 'give a commit, tag or branch of the fastai repository; "" follows its main branch'
        raise ValueError(text)
    return value


def one_line(value: str) -> str:
    if not value.isprintable():
        text = "a password is one line of printable characters"
        raise ValueError(text)
    return value


def sold_disk_size(value: int) -> int:
    if value not in catalog.DISK_SIZES:
        text = f"no disk of that size is sold; choose one of: {', '.join(map(str, catalog.DISK_SIZES))} (GB)"
        raise ValueError(text)
    return value


def shutdown_hours(value: int) -> int:
    if value not in catalog.AUTO_SHUTDOWN_HOURS:
        choices = ", ".join(map(str, catalog.AUTO_SHUTDOWN_HOURS))
        text = f"choose one of: {choices} (hours; 0 is off)"
        raise ValueError(text)
    return value


def idle_minutes(value: int) -> int:
    if value and not IDLE_MINUTES[0] <= value <= IDLE_MINUTES[1]:
        text = f"give 0 (off) or {IDLE_MINUTES[0]} to {IDLE_MINUTES[1]} minutes"
        raise ValueError(text)
    return value


def switch(value: object) -> object:
    """YAML's own spellings of a switch as the two words."""
    spellings = {True: "on", False: "off", "true": "on", "false": "off"}
    return spellings.get(value, value) if isinstance(value, (bool, str)) else value


def archive_folder(value: str) -> str:
    if not value.startswith(("/", "~/")):
        text = (
            "give a folder from / or ~/ on, such as ~/fastai-archives: it must outlive this project's folder"
        )
        raise ValueError(text)
    return value


def archive_to_restore(value: str) -> str:
    if value and value != LATEST and not value.startswith(("/", "~/")):
        text = f'give "{LATEST}", or the path of an archive from / or ~/ on'
        raise ValueError(text)
    return value


Port = Annotated[int, Field(ge=1, le=65535)]
UnprivilegedPort = Annotated[int, Field(ge=1024, le=65535)]
MachineType = Annotated[str, AfterValidator(catalog.canonical_machine_type)]
Region = Annotated[str, AfterValidator(catalog.canonical_region)]


class Settings(BaseModel):
    """One student's machine. Sizes in GB, money in USD, hours as named.

    The meaning of each key is its description in Pulumi.yaml.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    machine_types: Annotated[tuple[MachineType, ...], BeforeValidator(listed), Field(min_length=1)] = (
        "M4000",
    )
    regions: Annotated[tuple[Region, ...], BeforeValidator(listed), Field(min_length=1)] = (
        "East Coast (NY2)",
    )
    template: Annotated[str, Field(min_length=1)] = "fast.ai"
    disk_size: Annotated[int, AfterValidator(sold_disk_size)] = 50
    public_ip_type: Literal["static", "dynamic"] = "static"
    keep_public_ip: bool = False
    auto_snapshot: bool = False
    auto_shutdown_hours: Annotated[int, AfterValidator(shutdown_hours)] = 8
    idle_stop_minutes: Annotated[int, AfterValidator(idle_minutes)] = 60
    never_connected_minutes: Annotated[int, AfterValidator(idle_minutes)] = 30
    max_uptime_hours: Annotated[int, Field(ge=0, le=168)] = 0
    power: Literal["running", "stopped"] = "running"
    ssh_port: Port = 22
    ssh_public_key: Annotated[str, AfterValidator(open_ssh_public_key)] = ""
    remove_foreign_keys: bool = False
    user_password: Annotated[str, AfterValidator(one_line)] = Field(default="", repr=False)
    root_password: Annotated[str, AfterValidator(one_line)] = Field(default="", repr=False)
    fastai_revision: Annotated[str, AfterValidator(git_revision)] = ""
    update_every_days: Annotated[int, Field(ge=0, le=366)] = 21
    notebook_port: UnprivilegedPort = 8889
    local_port: UnprivilegedPort = 8888
    archive: Annotated[Literal["on", "off"], BeforeValidator(switch)] = "on"
    archive_directory: Annotated[str, AfterValidator(archive_folder)] = "~/fastai-archives"
    archive_exclude: Annotated[
        tuple[Annotated[str, AfterValidator(below_home)], ...], BeforeValidator(listed)
    ] = ()
    archive_limit_gb: Annotated[int, Field(ge=1)] = 20
    restore_from: Annotated[str, AfterValidator(archive_to_restore)] = ""
    hours_per_week: Annotated[int, Field(ge=0, le=168)] = 10
    budget_per_month: Annotated[int, Field(ge=0)] = 0

    def estimates(self) -> dict[str, catalog.Estimate]:
        """What a month costs at `hours_per_week`, for each allowed machine type."""
        return {
            name: catalog.monthly_estimate(
                name, self.disk_size, self.public_ip_type, self.hours_per_week, int(self.auto_snapshot)
            )
            for name in self.machine_types
        }

    def monthly_estimates(self) -> dict[str, float]:
        """USD a month at `hours_per_week`, for each allowed machine type."""
        return {name: estimate.running for name, estimate in self.estimates().items()}


def parse(raw: Mapping[str, str]) -> Settings:
    """The settings of a configuration without its namespace. Raises InvalidSettings with all problems."""
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as invalid:
        raise InvalidSettings([problem_of(error) for error in invalid.errors()]) from None
    if problems := [*over_budget(settings), *no_address_to_keep(settings)]:
        raise InvalidSettings(problems)
    return settings


def no_address_to_keep(settings: Settings) -> list[Problem]:
    if settings.keep_public_ip and settings.public_ip_type != "static":
        fix = "a dynamic address cannot be kept; set public_ip_type to static, or this to false"
        return [Problem("keep_public_ip", "true", fix)]
    return []


def over_budget(settings: Settings) -> list[Problem]:
    """A problem for each machine type that `budget_per_month` does not pay for."""
    limit = settings.budget_per_month
    fix = "raise it, lower hours_per_week or disk_size, or choose a cheaper machine type"
    return [
        Problem(
            "budget_per_month",
            str(limit),
            f"{name} costs {estimate:.2f} USD a month at {settings.hours_per_week} hours a week; {fix}",
        )
        for name, estimate in settings.monthly_estimates().items()
        if limit and estimate > limit
    ]


def problem_of(error: Any) -> Problem:
    """One of pydantic's errors in a student's words."""
    key = str(error["loc"][0])
    value = "[secret]" if key in SECRETS else json.dumps(error["input"], ensure_ascii=False)
    if error["type"] == "extra_forbidden":
        return Problem(key, "", f"there is no such key; {did_you_mean(key, list(Settings.model_fields))}")
    return Problem(key, value, fix_of(error, key))


def fix_of(error: Any, key: str) -> str:
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, (InvalidInput, ValueError)):
        return str(cause)
    choices = f"{error.get('ctx', {}).get('expected')}{read_by_yaml(error['input'])}"
    whole_number = f"give a whole number{range_of(key)}"
    expected = {
        # an entry cannot be set while the value is one word
        "tuple_type": f"give a list: pulumi config rm {key}; pulumi config set --path '{key}[0]' <value>",
        "literal_error": f"choose one of: {choices}",
        "int_parsing": whole_number,
        "greater_than_equal": whole_number,
        "less_than_equal": whole_number,
        "bool_parsing": "choose one of: true, false",
        "too_short": f"give at least one: pulumi config set --path '{key}[0]' <value>",
        "string_too_short": "give a value, or remove the key for the default",
    }
    return expected.get(error["type"], str(error["msg"]))


def range_of(key: str) -> str:
    """Such as " from 1 to 65535", or "" where the key has no bounds."""
    bounds = Settings.model_fields[key].metadata
    least = [f" from {bound.ge}" for bound in bounds if hasattr(bound, "ge")]
    most = [f" to {bound.le}" for bound in bounds if hasattr(bound, "le")]
    return "".join([*least, *(most or [" on"] * len(least))])


def read_by_yaml(value: object) -> str:
    """Where the value is none that a person wrote."""
    words = {"false": "off or no", "true": "on or yes"}.get(str(value).lower())
    return f"; YAML reads a bare {words} in the file as {str(value).lower()}" if words else ""
