"""The story of a gate: what its counter writes as CSV is decoded and judged, and the press of people is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sensing import a_sensor

from peelian.kernel.model.watch import Turn
from peelian.technologies.crowd.declarations.density_watch import GATE, DensityParams
from peelian.technologies.crowd.density_watch import start, step
from peelian.technologies.sensors.decoding import decode

COUNTER = a_sensor(
    id="gate-1",
    title="Counter at the gate",
    format="csv",
    columns={"at": "time", "in": "towards", "out": "away", "span": "seconds"},
)


def test_a_gate_that_lets_too_few_through_is_told_from_its_csv_to_its_signals() -> None:
    begin, state, said = datetime(2026, 7, 1, 20, tzinfo=UTC), start(DensityParams(gate_metres=4.0)), []
    for nth in range(18):
        through = 10 if nth < 8 else 50  # of 48 that arrive: 0.25 persons per metre and second, then all of them
        row = f"at,in,out,span\n{(begin + timedelta(seconds=10 * nth)).isoformat()},48,{through},10\n"
        for reading in decode("csv", row.encode(), COUNTER):
            assert set(reading.values) == {"towards", "away", "count", "seconds"}
            state, signals = step(state, reading)
            said += [(signal.type, signal.turn) for signal in signals]
    assert said == [(GATE, Turn.HOLD), (GATE, Turn.RAISE), (GATE, Turn.CLEAR)]
