"""Ensign et al. 2018, the two Oakland neighbourhoods: the published run-away and what corrections leave of it.

Published: the true share is .567; a record taken as it is ends at .70, one that fades at .93.
"""

from __future__ import annotations

import pytest

from peelian.technologies.mapping.urn import Rule, Urn, root_mean_square_error, shares

PLAIN, FADING = Urn(), Urn(keep=0.99)


def test_the_true_share() -> None:
    assert PLAIN.truth == pytest.approx(0.567, abs=5e-4)


def test_the_record_left_to_itself_runs_away() -> None:
    assert shares(PLAIN, Rule.NAIVE).mean() == pytest.approx(0.70, abs=0.01)
    assert shares(FADING, Rule.NAIVE).mean() == pytest.approx(0.93, abs=0.02)
    assert root_mean_square_error(FADING, Rule.NAIVE) == pytest.approx(0.37, abs=0.02)


def test_rejection_brings_it_near_and_inverse_probability_nearer() -> None:
    assert root_mean_square_error(FADING, Rule.REJECTION) == pytest.approx(0.05, abs=0.01)
    assert root_mean_square_error(FADING, Rule.INVERSE) == pytest.approx(0.02, abs=0.005)
    assert root_mean_square_error(FADING, Rule.INVERSE) <= 0.03
    assert root_mean_square_error(PLAIN, Rule.INVERSE) <= 0.03
