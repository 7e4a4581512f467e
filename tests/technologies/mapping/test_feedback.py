"""Patrols that follow records drift from the truth; what each correction repairs, and what it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.technologies.mapping.declarations.sending import Sending, Way
from peelian.technologies.mapping.feedback import Stress, _send, live_through

RATES = np.array([2.0, 1.6, 1.2, 0.8, 0.4])
DISCOVERED_ONLY = Stress(rates=RATES, reported=np.zeros(5), patrols=1, keep=0.99, runs=30)
UNEVEN = Stress(rates=np.full(5, 2.0), reported=np.array([0.8, 0.7, 0.6, 0.3, 0.2]), discovered=0.0, runs=20)


def test_discoveries_alone_run_away_and_the_correction_holds_them() -> None:
    naive, corrected = (live_through(DISCOVERED_ONLY, way) for way in (Way.NAIVE, Way.CORRECTED))
    assert naive.misplaced > 0.3
    assert corrected.misplaced < 0.2
    assert corrected.mean_shares == pytest.approx(corrected.truth, abs=0.08)


def test_it_grows_with_time_when_left_alone() -> None:
    error = live_through(DISCOVERED_ONLY, Way.NAIVE).error
    assert error[-5:].mean() > error[:5].mean()


def test_reports_everywhere_alike_are_no_feedback() -> None:
    same = replace(DISCOVERED_ONLY, reported=np.full(5, 0.6), discovered=0.0)
    naive = live_through(same, Way.NAIVE)
    assert naive.mean_shares == pytest.approx(naive.truth, abs=0.03)


def test_uneven_reporting_is_not_repaired_by_weighting_patrols_but_by_asking_residents() -> None:
    naive, corrected, surveyed = (live_through(UNEVEN, way) for way in Way)
    assert naive.mean_shares[0] > 2.5 * naive.mean_shares[4]
    assert corrected.mean_shares[0] > 2.5 * corrected.mean_shares[4]
    assert surveyed.mean_shares == pytest.approx(np.full(5, 0.2), abs=0.03)


@pytest.mark.parametrize("sending", list(Sending))
def test_the_chance_of_a_patrol_is_the_chance_of_a_patrol(sending: Sending) -> None:
    stress = Stress(rates=RATES, reported=np.zeros(5), patrols=2, explore=0.3, sending=sending)
    chance = np.random.default_rng(0)
    estimate = np.tile(RATES, (20_000, 1))
    patrols, likely, aim = _send(estimate, stress, Way.CORRECTED, chance)
    assert (patrols.sum(axis=1) == 2).all()
    assert patrols.mean(axis=0) / 2 == pytest.approx(aim[0], abs=0.015)
    assert (patrols > 0).mean(axis=0) == pytest.approx(likely[0], abs=0.015)


def test_sending_to_the_top_alone_never_sees_the_rest() -> None:
    top = replace(DISCOVERED_ONLY, sending=Sending.TOP)
    assert np.sort(live_through(top, Way.NAIVE).mean_shares)[0] < 0.02
    assert live_through(top, Way.CORRECTED).mean_shares.min() > 0.005
    assert live_through(top, Way.CORRECTED).mean_shares.sum() == pytest.approx(1.0)


def test_the_same_seed_lives_the_same_life() -> None:
    short = replace(DISCOVERED_ONLY, days=60)
    one, same = (live_through(short, Way.CORRECTED) for _ in range(2))
    assert np.array_equal(one.shares, same.shares) and np.array_equal(one.error, same.error)
    assert one.day[-1] <= 60 and len(one.day) == len(one.error)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rates": np.ones(1), "reported": np.ones(1)}, "1 areas, 2 needed"),
        ({"rates": np.zeros(5)}, "true rate"),
        ({"rates": np.ones(4)}, "differ in areas"),
        ({"reported": np.full(5, 1.5)}, "reporting rate"),
        ({"discovered": -0.1}, "discovered, keep or explore"),
        ({"patrols": 6}, "patrols"),
        ({"days": 3}, "days"),
    ],
)
def test_what_cannot_be_is_named(wrong: dict[str, object], said: str) -> None:
    kind = NotEnoughData if "few" in said else InputError
    with pytest.raises(kind, match=said):
        live_through(replace(DISCOVERED_ONLY, **wrong), Way.NAIVE)
