"""Running sums as text for a checkpoint, and back: open windows, newest totals of counters, gates of turnstiles.

A window's sums may come from one reading only, and a newest total is a reading. So what is packed here is kept sealed,
under a key that is destroyed once the windows are stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from datetime import datetime
from typing import Any

from peelian.technologies.sensors.running_totals import Total
from peelian.technologies.sensors.turnstile import Passing, Turnstile
from peelian.technologies.sensors.windows import Gathering, Key, Sums

WINDOW, COUNTER = "w", "c"
_COMPACT = json.JSONEncoder(separators=(",", ":")).encode


def window_rows(gathering: Gathering, keys: Iterable[Key]) -> dict[str, str]:
    """Open windows by the name of their row. O(keys).

    >>> at = Gathering()
    >>> at.open["square-1", "people", 900] = Sums(n=2, count=7.0)
    >>> window_rows(at, at.open)
    {'w square-1 people 900': '[2,7.0,0.0,0.0,-Infinity,0.0]'}
    """
    return {name_of(key): _COMPACT(astuple(gathering.open[key])) for key in keys if key in gathering.open}


def counter_rows(turnstile: Turnstile, sensors: Iterable[str]) -> dict[str, str]:
    """What running totals of these sensors are compared with; nothing for a sensor that has none. O(sensors)."""
    made = {}
    for sensor in sensors:
        if (gate := turnstile.gates.get(sensor)) is not None:
            made[f"{COUNTER} {sensor}"] = _COMPACT(_packed(gate))
    return made


def restored(rows: Mapping[str, str], gathering: Gathering, turnstile: Turnstile) -> None:
    """Put rows back where they were; other rows are left alone. O(rows)."""
    for name, text in rows.items():
        what, _, rest = name.partition(" ")
        if what == WINDOW:
            sensor, measure, start = rest.split(" ")
            gathering.open[sensor, measure, int(start)] = Sums(*json.loads(text))
        elif what == COUNTER:
            gate = json.loads(text)
            if len(gate) == len(
                Passing.__slots__
            ):  # an earlier version kept no times of totals: their first is no gain
                turnstile.gates[rest] = _unpacked(gate)


def name_of(key: Key) -> str:
    """The name of a window's row."""
    sensor, measure, start = key
    return f"{WINDOW} {sensor} {measure} {start}"


def _packed(gate: Passing) -> Any:
    return [gate.begun.isoformat(), {kind: astuple(total) for kind, total in gate.totals.items()}, gate.gained]


def _unpacked(row: Any) -> Passing:
    begun, totals, gained = row
    return Passing(
        begun=datetime.fromisoformat(begun), totals={kind: Total(*one) for kind, one in totals.items()}, gained=gained
    )
