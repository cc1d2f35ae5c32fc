"""The card that a student reads after `make up`."""

from __future__ import annotations

from lab import card
from lab.outputs import Outputs


def test_the_card_names_what_the_month_costs_also_while_off(outputs: Outputs) -> None:
    text = card.render(outputs)
    assert "$0.45 an hour while it runs" in text
    assert "$8.00 a month for disk and address, also while it is off" in text
    assert "$27.57 a month at 10 hours a week" in text


def test_the_card_of_a_stopped_machine_says_how_to_start_it_and_offers_nothing_that_needs_it_on(
    outputs: Outputs,
) -> None:
    running = card.render(outputs)
    assert "make notebook" in running
    assert "power running" not in running
    text = card.render(outputs.model_copy(update={"power": "stopped"}))
    assert text.startswith("Your fast.ai machine psabc is off (power: stopped)")
    assert "pulumi config set power running, then make up" in text
    assert "is ready" not in text
    assert "make notebook" not in text
    assert "make ssh" not in text


def test_the_card_holds_no_secret(outputs: Outputs) -> None:
    text = card.render(outputs)
    assert outputs.notebook_token.get_secret_value() not in text
    assert "PRIVATE KEY" not in text
