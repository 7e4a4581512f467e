"""The contest: three rows and a rule list where there are features, nothing where there are none."""

from __future__ import annotations

import numpy as np

from peelian.measure.table import Table
from peelian.technologies.risk.contest import INSTRUMENT, contest
from peelian.technologies.risk.params import Plan
from peelian.technologies.risk.study import study


def test_with_features_there_are_two_rivals_and_their_rules(crossed: Table) -> None:
    found = contest(crossed, study(crossed, Plan(cut=5)), seed=1)
    assert found.rivals["rival"][0] == INSTRUMENT
    assert len(found.rivals) == 3
    assert np.isnan(found.rivals["difference"][0])
    assert {found.rivals["feature"][1], found.rivals["second_feature"][1]} == {"age_cat", "sex"}
    assert found.rules["line"].tolist() == [1, 2, 3]
    assert (found.rules["n"] >= 30).all()


def test_without_features_there_is_no_contest(race: Table) -> None:
    found = contest(race, study(race, Plan(cut=5)), seed=1)
    assert len(found.rivals) == 0
    assert len(found.rules) == 0


def test_the_same_seed_is_the_same_contest(crossed: Table) -> None:
    one = study(crossed, Plan(cut=5))
    digests = [contest(crossed, one, seed=seed).rivals.digest() for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]
