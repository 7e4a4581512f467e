"""Impossibility: the identity holds with any counts, and nothing is claimed where base rates agree."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.measure.table import Table
from peelian.technologies.risk.audit import recording as impossibility
from peelian.technologies.risk.audit.recording import forced, forced_fpr
from peelian.technologies.risk.measure.counts import Quadrants, rate, shares
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(impossibility).failed == 0


@given(st.lists(st.integers(1, 500), min_size=4, max_size=4))
def test_the_identity_holds_whatever_the_counts(counts: list[int]) -> None:
    q = Quadrants(
        **dict(zip(("true_high", "false_high", "false_low", "true_low"), map(np.float64, counts), strict=True))
    )
    found = {name: rate(share) for name, share in shares(q).items()}
    assert float(forced_fpr(found["base_rate"], found["ppv"], found["fnr"])) == pytest.approx(float(found["fpr"]))


def test_on_compas_base_rates_alone_force_error_rates_apart(crossed: Table) -> None:
    found = study(crossed, Plan(cut=5, reference=("Caucasian",)))
    value = dict(zip(found.nodes.group, forced(found)[0].value.tolist(), strict=True))
    assert value["African-American"] > value["Caucasian"]
