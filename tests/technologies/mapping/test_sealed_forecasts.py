"""What was sealed comes back exactly, says only what it said, and a damaged file is no forecast."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.history import history
from peelian.technologies.mapping.models.base import Window
from peelian.technologies.mapping.sealed_forecasts import SealedForecasts, read_sealed, write_sealed

GRID = square_grid(cell_metres=250.0, rows=4, cols=5, first_row=-2, first_col=7)
FACTS = {"category": "robbery", "cell_metres": 250, "window_days": 7, "model": "moving", "start_hour": 480.0}
FACTS |= {"centre_lon": 10.0, "centre_lat": 50.0}


def made() -> SealedForecasts:
    rng = np.random.default_rng(2)
    return SealedForecasts(
        models=("long_run", "moving"),
        grid=GRID,
        expected=rng.gamma(1.0, 0.1, (2, 3, 20)),
        shape=np.array([[np.inf, 2.0, 3.0], [np.inf, np.inf, 4.0]]),
        facts=FACTS,
        last_start_hour=438000.0,
        criteria={"min_hit_rate_5": 0.2},
    )


def written(sealed: SealedForecasts) -> bytes:
    file = io.BytesIO()
    write_sealed(sealed, file)
    return file.getvalue()


def test_everything_comes_back_exactly() -> None:
    before = made()
    after = read_sealed(io.BytesIO(written(before)))
    assert after.models == before.models and after.facts == before.facts and after.criteria == before.criteria
    assert np.array_equal(after.expected, before.expected) and np.array_equal(after.shape, before.shape)
    assert after.grid.ids().tolist() == GRID.ids().tolist()
    assert np.allclose(after.grid.area_km2, GRID.area_km2)


def test_it_can_be_written_to_a_file_that_cannot_be_sought() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.kept = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.kept += bytes(data)  # type: ignore[call-overload]
            return len(bytes(data))  # type: ignore[call-overload]

    pipe = Pipe()
    write_sealed(made(), pipe)  # type: ignore[arg-type]
    assert read_sealed(io.BytesIO(bytes(pipe.kept))).models == ("long_run", "moving")


def test_a_model_says_what_was_sealed_for_each_window_and_learns_nothing() -> None:
    sealed = made()
    model = sealed.frozen()["moving"]
    later = history(GRID, (np.array([500.0]), np.array([1800.0]), np.array([0.0])), from_hour=0.0, until_hour=600.0)
    for k in range(3):
        forecast = model.fit(later, window_hours=168.0).forecast(Window(start_hour=480.0 + 168 * k, hours=168.0))
        assert np.array_equal(forecast.expected, sealed.expected[1, k]) and forecast.shape == sealed.shape[1, k]
    with pytest.raises(KeyError):
        model.forecast(Window(start_hour=480.0 + 168 * 3, hours=168.0))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_refused_or_reads_the_same(data: st.DataObject) -> None:
    good = written(made())
    cut = data.draw(st.integers(0, len(good) - 1))
    flip = data.draw(st.integers(0, len(good) - 1))
    for bad in (good[:cut], good[:flip] + bytes([good[flip] ^ 0xFF]) + good[flip + 1 :]):
        try:
            found = read_sealed(io.BytesIO(bad))
        except InputError:
            continue
        assert np.array_equal(found.expected, made().expected)  # a byte of a time stamp in the zip


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"place,expected\n", b"\x93NUMPY"])
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="unreadable"):
        read_sealed(io.BytesIO(content))


def test_counts_that_are_none_are_refused() -> None:
    from dataclasses import replace

    for wrong in (np.full((2, 3, 20), np.nan), np.full((2, 3, 20), -1.0), np.ones((2, 3, 19))):
        with pytest.raises(InputError, match="unreadable"):
            read_sealed(io.BytesIO(written(replace(made(), expected=wrong))))
