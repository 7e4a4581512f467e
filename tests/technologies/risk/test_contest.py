"""The contest: three rows and a rule list where there are features, nothing where there are none."""

from __future__ import annotations

import numpy as np

from peelian.measure.table import Kind, Table
from peelian.technologies.risk.audit.contest import contest
from peelian.technologies.risk.audit.words import AT_LEAST, INSTRUMENT, OTHERWISE
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan


def test_with_features_there_are_two_rivals_and_their_rules(crossed: Table) -> None:
    found = contest(crossed, study(crossed, Plan(cut=5)), seed=1)
    assert found.rivals["rival"][0] == INSTRUMENT
    assert len(found.rivals) == 3
    assert np.isnan(found.rivals["difference"][0])
    assert {found.rivals["feature"][1], found.rivals["second_feature"][1]} == {"age_cat", "sex"}
    assert (found.rivals["n"] == 7214).all(), "everybody is tested"
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


def test_bands_in_order_make_rules_that_say_at_least(make_tally, with_column) -> None:
    rows = [(s, o, 100 + 400 * (o == (p > 1))) for p in range(4) for s in (1, 2) for o in (0, 1)]
    priors = np.array([["0", "1", "2-3", "4+"][p] for p in range(4) for _ in range(4)], dtype=object)
    tally = with_column(make_tally(rows), "feature_priors", Kind.GROUP, priors)
    rules = contest(tally, study(tally, Plan(cut=2)), seed=1).rules
    assert (rules["feature"][0], rules["test"][0], rules["level"][0]) == ("priors", AT_LEAST, "2-3")
    assert rules["test"][-1] == OTHERWISE
