"""Invented sensors for examples and tests: ninety minutes of a square, and half a year of two counters."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Dataset
from peelian.measure.table import Kind, table

START = np.datetime64("2024-06-01T12:00:00", "s")
DAY_OF_COUNTS = np.datetime64("2024-01-01", "D")
SENSORS = ("Market Square", "Station Road")


def square(minutes: int, seed: int = 3) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Levels of a square, one a second: a background that wanders slowly, and passing voices."""
    generator = np.random.default_rng(seed)
    n = minutes * 60
    wander = 1.2 * np.sin(2 * np.pi * np.arange(n) / 2_700)
    passing = np.convolve(generator.exponential(1.0, n), np.ones(8) / 8, mode="same")
    level: np.ndarray[tuple[int], np.dtype[np.float64]] = np.round(
        52 + wander + 2 * passing + generator.normal(0, 0.8, n), 1
    )
    return level


def levels(minutes: int = 100) -> Dataset:
    """A record of levels: shape "levels"."""
    level = square(minutes)
    return Dataset(
        id="example-levels",
        format="example",
        digest="3" * 64,
        table=table(
            "levels",
            {"second": (Kind.COUNT, np.arange(len(level))), "laeq_db": (Kind.AMOUNT, level)},
            second="seconds",
            laeq_db="dB",
        ),
        facts={
            "period_seconds": 1,
            "n": len(level),
            "start_second": int(START.astype(np.int64)),
            "from_day": "2024-06-01",
            "to_day": "2024-06-01",
            "source": "made up",
        },
    )


def hourly(weeks: int, size: float, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Counts of people per hour: by day and night, by the day of the week, with weather and chance."""
    generator = np.random.default_rng(seed)
    hour = np.arange(weeks * 168)
    day_curve = np.exp(-(((hour % 24) - 14.5) ** 2) / 40)
    week = np.where((hour // 24) % 7 >= 5, 0.7, 1.0)
    weather = np.repeat(np.exp(generator.normal(0, 0.1, weeks * 7)), 24)
    made: np.ndarray[tuple[int], np.dtype[np.int64]] = generator.poisson(size * day_curve * week * weather + 3)
    return made


def counts(weeks: int = 20) -> Dataset:
    """Hourly counts of two counters: shape "counts"."""
    made = [hourly(weeks, size, seed) for seed, size in enumerate((900.0, 400.0))]
    hours = DAY_OF_COUNTS.astype("datetime64[h]") + np.arange(weeks * 168)
    return Dataset(
        id="example-counts",
        format="example",
        digest="4" * 64,
        table=table(
            "counts",
            {
                "area": (Kind.PLACE, np.repeat(np.array(SENSORS, dtype=object), weeks * 168)),
                "hour": (Kind.TIME, np.tile(hours, 2)),
                "count": (Kind.COUNT, np.concatenate(made)),
            },
        ),
        facts={
            "sensors": 2,
            "n": 2 * weeks * 168,
            "from_day": str(DAY_OF_COUNTS),
            "to_day": str((hours[-1]).astype("datetime64[D]")),
            "source": "made up",
        },
    )
