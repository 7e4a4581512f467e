"""15-minute sums as a table to seal, and back: shape "quarters", made by the gateway only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, Table, table
from peelian.technologies.sensors.vocabulary import MEASURES
from peelian.technologies.sensors.windows import Window

QUARTERS = "sensor-quarters"


def quarters_table(windows: Sequence[Window]) -> Table:
    """One row for each window, in the order given: sums only. O(windows)."""
    hours = [np.datetime64(w.start.astimezone(UTC).replace(tzinfo=None), "h") for w in windows]
    return table(
        "quarters",
        {
            "sensor": (Kind.PSEUDONYM, np.array([w.sensor for w in windows], dtype=object)),
            "hour": (Kind.TIME, np.array(hours, dtype="datetime64[h]")),
            "minute": (Kind.COUNT, np.array([w.start.minute for w in windows], dtype=np.int64)),
            "measure": (Kind.GROUP, np.array([w.measure for w in windows], dtype=object)),
            "count": (Kind.COUNT, np.array([w.count for w in windows], dtype=np.int64)),
            "level": (Kind.AMOUNT, np.array([w.laeq for w in windows], dtype=np.float64)),
            "peak": (Kind.AMOUNT, np.array([w.lamax for w in windows], dtype=np.float64)),
            "kwh": (Kind.AMOUNT, np.array([w.kwh for w in windows], dtype=np.float64)),
            "n": (Kind.COUNT, np.array([w.n for w in windows], dtype=np.int64)),
        },
        level="dB(A)",
        peak="dB(A)",
        kwh="kWh",
        minute="minutes",
        n="readings",
    )


def windows_of(sealed: Table) -> tuple[Window, ...]:
    """The windows of a table that `quarters_table` made. O(rows)."""
    starts = (sealed["hour"].astype("datetime64[s]").astype(np.int64) + 60 * sealed["minute"]).tolist()
    columns = [sealed[name].tolist() for name in ("sensor", "measure", "count", "level", "peak", "kwh", "n")]
    return tuple(
        Window(
            sensor=sensor,
            measure=measure,
            start=datetime.fromtimestamp(start, UTC),
            n=n,
            count=count,
            laeq=level,
            lamax=peak,
            kwh=kwh,
        )
        for start, sensor, measure, count, level, peak, kwh, n in zip(starts, *columns, strict=True)
    )


def _never(text: Table, options: Mapping[str, str]) -> Admitted:
    raise InputError("15-minute windows are accepted from the gateway only", accepted="`peelian sensors listen`")


FORMAT = Format(
    id=QUARTERS,
    title="15-minute sums from the gateway",
    shape="quarters",
    words=frozenset(MEASURES),
    columns=frozenset({"sensor", "hour", "minute", "measure", "count", "level", "peak", "kwh", "n"}),
    kinds=("columns",),
    convert=_never,
)
