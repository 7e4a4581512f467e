"""Made-up people are at home at night, taxis never where they were; the same seed makes the same positions."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.kernels.wandering import KINDS, Device, positions


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_makes_the_same_positions(kind: str) -> None:
    one, same, other = (positions(Device(kind=kind, days=5, seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert one[1].tolist() != other[1].tolist()


def test_a_worker_is_at_one_place_at_night_and_at_another_by_day() -> None:
    hour, east, north = positions(Device(days=5, minutes=10, jitter_metres=0))
    night, day = hour % 24 < 5, (hour % 24 > 10.5) & (hour % 24 < 14)
    assert np.ptp(east[night & (hour > 24) & (hour < 48)]) == 0 and np.ptp(north[day & (hour < 24)]) == 0
    assert (
        abs(np.median(east[night]) - np.median(east[day])) + abs(np.median(north[night]) - np.median(north[day])) > 500
    )


def test_thinning_keeps_a_part_and_people_add_up() -> None:
    whole, half = (len(positions(Device(days=5, kept=kept))[0]) for kept in (1.0, 0.5))
    assert half == pytest.approx(whole / 2, abs=1)
    assert len(positions(Device(days=5, people=3))[0]) == pytest.approx(3 * whole, abs=3)


def test_unknown_people_are_refused() -> None:
    with pytest.raises(InputError, match="unknown kind of person"):
        positions(Device(kind="ghost"))
