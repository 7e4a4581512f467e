"""The urn runs away when left alone and is held by both corrections."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.urn import Rule, Urn, root_mean_square_error, shares


def test_the_same_seed_gives_the_same_shares() -> None:
    urn = Urn(runs=20, days=50)
    assert np.array_equal(shares(urn, Rule.INVERSE), shares(urn, Rule.INVERSE))


def test_alike_places_stay_alike_on_average_but_the_naive_record_drifts() -> None:
    urn = Urn(rates=(3.0, 3.0), start=(10.0, 10.0), runs=200)
    assert shares(urn, Rule.NAIVE).mean() == pytest.approx(0.5, abs=0.05)
    assert shares(urn, Rule.NAIVE).std() > 3 * shares(urn, Rule.INVERSE).std()


def test_a_faster_fading_record_runs_further_away() -> None:
    slow, fast = (root_mean_square_error(Urn(runs=100, keep=keep), Rule.NAIVE) for keep in (1.0, 0.99))
    assert fast > 2 * slow


@pytest.mark.parametrize("wrong", [{"rates": (0.0, 1.0)}, {"keep": 0.0}, {"floor": 0.5}, {"start": (0.0, 1.0)}])
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="urn needs"):
        shares(Urn(**wrong), Rule.NAIVE)  # type: ignore[arg-type]
