"""Proves the sizes that the rules of 3 and 30 ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.technologies.faces.measure.sample_size import subjects_for, trials_for, with_clustering


def test_a_rate_of_one_in_ten_thousand_needs_300_000_pairs_of_776_subjects():
    assert trials_for(1e-4) == 300_000
    assert subjects_for(300_000) == 776


@given(st.integers(0, 10**12))
def test_subjects_are_just_enough(pairs):
    people = subjects_for(pairs)
    assert people * (people - 1) // 2 >= pairs
    assert people <= 1 or (people - 1) * (people - 2) // 2 < pairs


@pytest.mark.parametrize("rate", [0, 1, -0.1])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(InputError):
        trials_for(rate)
    with pytest.raises(InputError):
        with_clustering(10, 0.5)
    with pytest.raises(InputError):
        subjects_for(-1)
    assert with_clustering(3, 1.5) == 5
