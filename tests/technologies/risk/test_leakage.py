"""Leakage: a source that tells the group is found, one that does not is not, on people held back."""

from __future__ import annotations

import doctest

import numpy as np

from peelian.measure.table import Kind, Table
from peelian.technologies.risk import leakage as module
from peelian.technologies.risk.leakage import guessed, leakage, score_tells_group
from peelian.technologies.risk.params import Plan
from peelian.technologies.risk.study import study


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(module).failed == 0


def test_noise_of_many_values_does_not_pass_for_knowledge() -> None:
    """With a value per person a naive count would be right always; on people held back it is not."""
    rng = np.random.default_rng(1)
    cells = rng.multinomial(1, [0.5, 0.5], size=4000)
    guess = guessed(cells, rng)
    assert abs(guess.right / guess.n - 0.5) < 0.05


def test_an_area_that_decides_the_group_gives_it_away(make_tally, with_column) -> None:
    rows = [(s, o, 50, g) for g in "ab" for s in (1, 2) for o in (0, 1)]
    tally = make_tally(rows, axes=("g",))
    tally = with_column(tally, "area_precinct", Kind.PLACE, np.array(["north"] * 4 + ["south"] * 4, dtype=object))
    found = leakage(tally, study(tally, Plan(cut=2)), seed=1)
    by_source = dict(zip(found["source"].tolist(), found["right"].tolist(), strict=True))
    assert by_source["precinct"] == 1.0
    assert 0.35 < by_source["score"] < 0.65


def test_a_feature_is_no_source_for_the_axis_it_is(crossed: Table) -> None:
    found = leakage(crossed, study(crossed, Plan(cut=5)), seed=1)
    pairs = set(zip(found["axis"].tolist(), found["source"].tolist(), strict=True))
    assert ("sex", "sex") not in pairs
    assert ("race", "score") in pairs
    assert (found["n"] > 3000).all()


def test_the_score_of_compas_tells_race(race: Table) -> None:
    found = study(race, Plan(cut=5))
    figure = score_tells_group(found)[0]
    node = found.nodes.group.index("African-American")
    assert figure.low[node] > 0.6
    assert not figure.kept[0]
