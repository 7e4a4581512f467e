"""Impossibility: the identity holds with any counts, and nothing is claimed where base rates agree."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.measure.table import Table
from peelian.technologies.risk import impossibility
from peelian.technologies.risk.errors_at import Quadrants, rate, shares
from peelian.technologies.risk.impossibility import base_rates_differ, forced, forced_fpr
from peelian.technologies.risk.params import Plan
from peelian.technologies.risk.study import study


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(impossibility).failed == 0


@given(st.lists(st.integers(1, 500), min_size=4, max_size=4))
def test_the_identity_holds_whatever_the_counts(counts: list[int]) -> None:
    q = Quadrants(
        **dict(zip(("true_high", "false_high", "false_low", "true_low"), map(np.float64, counts), strict=True))
    )
    found = {name: rate(share) for name, share in shares(q).items()}
    assert float(forced_fpr(found["base_rate"], found["ppv"], found["fnr"])) == pytest.approx(float(found["fpr"]))


def test_on_compas_race_and_age_force_error_rates_apart(crossed: Table) -> None:
    found = study(crossed, Plan(cut=5, reference=("Caucasian",)))
    pair = base_rates_differ(found, "race")
    assert pair is not None
    assert [found.nodes.group[i] for i in pair] == ["African-American", "Caucasian"]
    value = forced(found)[0].value
    assert value[pair[0]] > value[pair[1]]


def test_equal_base_rates_force_nothing(make_tally) -> None:
    rows = [(s, o, 100, g) for g in "ab" for s in (1, 2) for o in (0, 1)]
    assert base_rates_differ(study(make_tally(rows, axes=("g",)), Plan(cut=2)), "g") is None
