"""The long tables: hidden rows keep their place and lose their numbers; every rate names its n."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Kind
from peelian.technologies.risk.shared import BARE, SHOWN


def test_hidden_rates_have_no_number_and_shown_ones_have_all(found: Findings) -> None:
    rates = found.table("rates")
    for _, _, _, _, value, low, high, num, den, suppressed in rates.rows():
        if suppressed == SHOWN:
            assert den >= 30
            assert low <= value <= high
            assert abs(value - num / den) < 1e-12
        else:
            assert np.isnan([value, low, high]).all()
            assert num == 0
            assert den == 0 or (suppressed == BARE and 10 <= den < 30)


def test_a_rate_names_the_column_that_holds_its_n(found: Findings) -> None:
    column = found.table("rates").column("value")
    assert column.kind is Kind.RATE
    assert column.n == "den"


def test_hidden_figures_have_no_number(found: Findings) -> None:
    figures = found.table("figures")
    hidden = figures["suppressed"] != SHOWN
    assert hidden.any()
    assert np.isnan(figures["value"][hidden]).all()
    assert np.isnan(figures["lo"][hidden]).all()
    assert not np.isnan(figures["value"][~hidden]).any()
