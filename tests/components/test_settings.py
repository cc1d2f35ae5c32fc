from __future__ import annotations

import json

import pytest

from components import configuration, cost, settings
from components.settings import InvalidSettings, Settings

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeKeyForTestsOnlyFakeKeyForTestsOnly00 anna"


def problems(**raw: str) -> dict[str, str]:
    with pytest.raises(InvalidSettings) as refused:
        settings.parse(raw)
    return {problem.key: str(problem) for problem in refused.value.problems}


def test_no_configuration_gives_the_machine_of_the_course() -> None:
    parsed = settings.parse({})
    assert (parsed.machine_types, parsed.regions) == (("M4000",), ("East Coast (NY2)",))
    assert (parsed.disk_size, parsed.public_ip_type, parsed.auto_snapshot) == (50, "static", False)
    assert (parsed.notebook_port, parsed.local_port, parsed.auto_shutdown_hours) == (8889, 8888, 8)


def test_values_are_read_as_pulumi_passes_them() -> None:
    parsed = settings.parse(
        {
            "machine_types": '["P4000","GPU+"]',
            "regions": '["ny2"]',
            "disk_size": "100",
            "auto_snapshot": "true",
            "ssh_public_key": f"{PUBLIC_KEY}\n",
        }
    )
    assert parsed.machine_types == ("P4000", "M4000")
    assert parsed.regions == ("East Coast (NY2)",)
    assert (parsed.disk_size, parsed.auto_snapshot, parsed.ssh_public_key) == (100, True, PUBLIC_KEY)


@pytest.mark.parametrize(("given", "meant"), [("off", "off"), ("false", "off"), ("true", "on"), ("on", "on")])
def test_a_switch_is_read_in_every_spelling_that_yaml_makes_of_it(given: str, meant: str) -> None:
    assert settings.parse({"archive": given}).archive == meant


def test_all_problems_are_told_at_once() -> None:
    told = problems(
        machine_types='["M400"]',
        regions='["Mars"]',
        disk_size="70",
        ssh_port="0",
        power="asleep",
        auto_snapshot="perhaps",
        machine_typos="x",
    )
    assert set(told) == {
        "machine_types",
        "regions",
        "disk_size",
        "ssh_port",
        "power",
        "auto_snapshot",
        "machine_typos",
    }


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("machine_types", '["M400"]', ["M400", "did you mean 'M4000'"]),
        (
            "machine_types",
            "M4000",
            ["pulumi config rm machine_types; pulumi config set --path 'machine_types[0]'"],
        ),
        ("machine_types", "[]", ["at least one"]),
        ("regions", '["NY3"]', ["NY3", "East Coast (NY2)"]),
        ("disk_size", "70", ["70", "50, 100, 250, 500, 1000, 2000"]),
        ("disk_size", "big", ["big", "whole number"]),
        ("template", " ", ["default"]),
        ("auto_shutdown_hours", "3", ["3", "0, 1, 8, 24, 168"]),
        ("power", "on", ["on", "'running' or 'stopped'"]),
        ("public_ip_type", "none", ["'static' or 'dynamic'"]),
        ("power", "false", ["'running' or 'stopped'", "YAML reads a bare off or no in the file as false"]),
        (
            "public_ip_type",
            "true",
            ["'static' or 'dynamic'", "YAML reads a bare on or yes in the file as true"],
        ),
        ("ssh_port", "0", ['"0": give a whole number from 1 to 65535']),
        ("ssh_port", "70000", ["give a whole number from 1 to 65535"]),
        ("notebook_port", "80", ["give a whole number from 1024 to 65535"]),
        ("hours_per_week", "200", ["give a whole number from 0 to 168"]),
        ("hours_per_week", "ten", ["give a whole number from 0 to 168"]),
        ("max_uptime_hours", "-1", ["give a whole number from 0 to 168"]),
        ("update_every_days", "400", ["give a whole number from 0 to 366"]),
        ("budget_per_month", "-1", ["give a whole number from 0 on"]),
        ("ssh_public_key", "-----BEGIN OPENSSH PRIVATE KEY-----", ["private key", ".pub"]),
        ("ssh_public_key", "hello", ["ssh-ed25519"]),
        ("fastai_revision", "--upload-pack=x", ["commit, tag or branch"]),
        ("archive", "perhaps", ["'on' or 'off'"]),
        ("archive_directory", ".sandbox", [".sandbox", "~/"]),
        ("archive_exclude", '["~/data"]', ["below the home folder"]),
        ("archive_exclude", '["*"]', ['"*"', "would be empty", "data/imagenet", "archive to off"]),
        ("archive_exclude", "data", ["pulumi config set --path 'archive_exclude[0]'"]),
        ("archive_limit_gb", "0", ["give a whole number from 1 on"]),
        ("machine_type", "M4000", ["no such key", "'machine_types'"]),
    ],
)
def test_a_problem_names_key_value_and_fix(key: str, value: str, told: list[str]) -> None:
    text = problems(**{key: value})[key]
    assert text.startswith(key)
    for part in told:
        assert part in text


@pytest.mark.parametrize("pattern", ["*", "**", "*/", "*/*", "**/*", "?*", "[!.]*", "*?*"])
def test_a_pattern_that_leaves_the_archive_empty_is_refused(pattern: str) -> None:
    told = problems(archive_exclude=json.dumps(["*.zip", pattern]))
    assert "would be empty" in told["archive_exclude"]


@pytest.mark.parametrize("pattern", ["*.*", ".*", "*/data", "data/*", "fastai", "*e*", "tmp-*", "*.ipynb"])
def test_a_pattern_for_some_files_is_taken(pattern: str) -> None:
    assert settings.parse({"archive_exclude": json.dumps([pattern])}).archive_exclude == (pattern,)


def test_a_budget_below_the_estimate_is_refused_with_the_estimate() -> None:
    told = problems(budget_per_month="10", hours_per_week="10")["budget_per_month"]
    assert "10 hours a week" in told
    assert "M4000 costs 27.50 USD" in told


def test_only_a_static_address_can_be_kept() -> None:
    assert "static" in problems(keep_public_ip="true", public_ip_type="dynamic")["keep_public_ip"]
    assert settings.parse({"keep_public_ip": "true", "public_ip_type": "static"}).keep_public_ip


def test_the_cost_of_each_type_is_told_in_words() -> None:
    told = cost.words(settings.parse({"machine_types": '["P4000","M4000"]', "hours_per_week": "10"}))
    assert told.splitlines()[2].strip() == (
        "M4000: $0.45 an hour while it runs; $8.00 a month for disk and address, also while it is off; "
        "$27.50 a month at 10 hours a week"
    )


def test_a_budget_counts_the_snapshot_that_is_kept() -> None:
    without = settings.parse({}).monthly_estimates()["M4000"]
    assert settings.parse({"auto_snapshot": "true"}).monthly_estimates()["M4000"] == without + 1


@pytest.mark.parametrize("key", settings.SECRETS)
def test_a_refused_password_is_not_repeated(key: str) -> None:
    told = problems(**{key: "two\nlines"})[key]
    assert "one line" in told
    assert "two" not in told
    assert "hidden" not in repr(settings.parse({key: "hidden"}))


def test_a_password_in_clear_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration.pulumi, "get_project", lambda: "fastai-paperspace")
    monkeypatch.setattr(configuration.config, "is_config_secret", lambda key: key.endswith(":root_password"))
    refused = configuration.in_clear({"user_password": "a", "root_password": "b", "power": "running"})
    assert [str(problem) for problem in refused] == [
        "user_password = [secret]: it is in clear; set it with: pulumi config set --secret user_password"
    ]


def test_keys_of_other_namespaces_are_not_the_projects() -> None:
    configured = {"fastai-paperspace:power": "running", "aws:region": "x", "pulumi:tags": "{}"}
    assert configuration.without_namespace(configured, "fastai-paperspace") == {"power": "running"}


def test_a_budget_above_the_estimate_is_accepted() -> None:
    assert settings.parse({"budget_per_month": "30"}).budget_per_month == 30


def test_every_key_of_the_project_file_is_a_setting_with_the_same_default() -> None:
    import yaml

    from tests.conftest import PROJECT

    declared = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())["config"]
    defaults = json.loads(Settings().model_dump_json())
    assert {key: entry["default"] for key, entry in declared.items()} == defaults
