"""The sweep: the same rates at every cut, bands that are large enough, and a price per thousand."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.table import Table
from peelian.technologies.risk.audit.figures import bands, prices, rates_at_other_cuts, rates_at_the_cut
from peelian.technologies.risk.measure.promises import promised
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan


def test_every_other_cut_is_there_once_for_everyone(race: Table) -> None:
    found = study(race, Plan(cut=5))
    cuts = [rate.at for rate in rates_at_other_cuts(found) if rate.metric == "fpr"]
    assert cuts == [2, 3, 4, 6, 7, 8, 9, 10]


def test_a_higher_cut_scores_fewer_people_high(race: Table) -> None:
    found = study(race, Plan(cut=5))
    shares = [r.people[0][0] / r.people[1][0] for r in rates_at_other_cuts(found) if r.metric == "high_share"]
    assert (np.diff(shares) < 0).all()


def test_bands_add_up_to_their_group_and_hold_at_least_ten(crossed: Table) -> None:
    found = study(crossed, Plan(cut=5))
    rates, _ = bands(found, promised(found, probability=False))
    total = np.zeros(len(found.nodes.group))
    for rate in rates:
        assert rate.kept is not None
        assert (rate.people[1][rate.kept] >= 10).all()
        total += np.where(rate.kept, rate.people[1], 0)
    assert (total[found.shown.detail] == found.size[found.shown.detail]).all()


def test_prices_add_up(race: Table) -> None:
    found = study(race, Plan(cut=5))
    at_five = {figure.metric: figure.value[0] for figure in prices(found) if figure.at == 5}
    rates = {rate.metric: rate.people[0][0] / rate.people[1][0] for rate in rates_at_the_cut(found)}
    assert at_five["high_per_thousand"] == pytest.approx(1000 * rates["high_share"])
    wrong = at_five["wrongly_high_per_thousand"] + at_five["wrongly_low_per_thousand"]
    assert wrong == pytest.approx(1000 * (1 - rates["accuracy"]))
