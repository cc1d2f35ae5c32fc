"""The card that a student reads after `make up`."""

from __future__ import annotations

from lab import card
from lab.outputs import Outputs


def test_the_card_names_what_the_month_costs_also_while_off(outputs: Outputs) -> None:
    text = card.render(outputs)
    assert "$0.45 an hour while it runs" in text
    assert "$8.00 a month for disk and address, also while it is off" in text
    assert "$27.57 a month at 10 hours a week" in text


def test_the_card_holds_no_secret(outputs: Outputs) -> None:
    text = card.render(outputs)
    assert outputs.notebook_token.get_secret_value() not in text
    assert "PRIVATE KEY" not in text
