"""Days of 200 meters and one operator, measured: how many alarms call a person, and whether each is answered for.

uv run python benchmarks/crowd_days.py [--quick] [--json FILE]. Eleven days of another record need ../shared/data.
An alarm to the operator is a step after which something new waits for a person and calls (`alarms.calls`): a zone
alone, an incident of many zones, one that opens again or rises after it was seen. A zone that joins an incident is
recorded and disposed of with it, and calls nobody; a reminder (60, 180, 600 s) is none either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from crowd import EXAMPLES, admitted
from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.kernel.alarms.operator_actions import acknowledge, decide, dispose, may_hand_over
from peelian.kernel.alarms.transitions import on_signal, on_time
from peelian.kernel.model.alarms import Floor, Move, Post, State, apply, calls
from peelian.kernel.model.watch import Signal, Turn
from peelian.technologies.crowd import meters
from peelian.technologies.crowd.declarations.noise_rules import EACH_MINUTE, EACH_SECOND, NoiseRule

ELEVEN_DAYS = Path(__file__).resolve().parents[2] / "shared/data/sound/noisemonitor_test_data_laeq1m.csv.gz"
BEGIN = datetime(2026, 7, 1, tzinfo=UTC)


def towns_days(n_meters: int) -> list[Figure]:
    """Days of `n_meters` meters in zones of one to four, worked off by one operator; three ways to make them.

    *scattered*: the real day of levels, each meter turned by hours of its own, 100 real rises put in (12 dB, five
    minutes) and one storm over all within two minutes. *eleven days*: each meter hears another day of the real eleven,
    minute by minute, with as many rises. *lockstep*: every meter hears the same day in the same second, with two rises.
    The operator acknowledges after 20 s, decides after another 40 s and disposes when it is over.
    """
    day = _levels("laeq_1s_24h.csv.gz", "sound-levels")
    chance = np.random.default_rng(11)
    zones = np.sort(chance.integers(0, max(1, round(n_meters / 2.5)), n_meters))
    found = _worked_off(_scattered(day, zones, chance), zones, "scattered")
    if ELEVEN_DAYS.is_file():
        minutes = _levels(ELEVEN_DAYS, "noisemonitor")
        found += _worked_off(_eleven_days(minutes, zones, chance), zones, "eleven days")
    return found + _worked_off(_lockstep(day, zones), zones, "lockstep")


def _levels(file: str | Path, format: str) -> np.ndarray:
    content = file.read_bytes() if isinstance(file, Path) else (EXAMPLES / file).read_bytes()
    return np.asarray(admitted(format, content).table["laeq_db"], dtype=float)


def _scattered(day: np.ndarray, zones: np.ndarray, chance: np.random.Generator) -> list[Signal]:
    signals: list[Signal] = []
    for nth, zone in enumerate(zones.tolist()):
        level = np.roll(day, int(chance.integers(0, len(day)))) + chance.normal(0, 0.1, len(day))
        if chance.random() < 100 / len(zones):
            at = int(chance.integers(4_000, len(day) - 4_000))
            level[at : at + 300] += 12
        storm = 72_000 + int(chance.integers(0, 120))
        level[storm : storm + 240] += 14
        signals += _signals(level, (f"m-{nth}", f"zone-{zone}"), EACH_SECOND)
    return signals


def _eleven_days(minutes: np.ndarray, zones: np.ndarray, chance: np.random.Generator) -> list[Signal]:
    signals: list[Signal] = []
    for nth, zone in enumerate(zones.tolist()):
        start = int(chance.integers(0, len(minutes) - 1_440))
        level = minutes[start : start + 1_440] + chance.normal(0, 0.1, 1_440)
        if chance.random() < 100 / len(zones):
            at = int(chance.integers(70, 1_370))
            level[at : at + 5] += 15
        signals += _signals(level, (f"m-{nth}", f"zone-{zone}"), EACH_MINUTE)
    return signals


def _lockstep(day: np.ndarray, zones: np.ndarray) -> list[Signal]:
    level = day.copy()
    for at in (30_000, 70_000):
        level[at : at + 300] += 12
    heard = _signals(level, ("", ""), EACH_SECOND)
    return [replace(s, sensor=f"m-{n}", zone=f"zone-{zone}") for n, zone in enumerate(zones.tolist()) for s in heard]


def _signals(level: np.ndarray, of: tuple[str, str], rule: NoiseRule) -> list[Signal]:
    state, found = meters.NEW, []
    sensor, zone = of
    for nth, one in enumerate(level.tolist()):
        at = nth * rule.period_seconds
        state, change, _ = meters.step(rule, state, at, one)
        if change is not None:
            turn = Turn.RAISE if change.change.raised else Turn.CLEAR
            time = BEGIN + timedelta(seconds=at)
            level_of = change.change.level
            found.append(Signal(zone=zone, type="noise", turn=turn, level=level_of, time=time, sensor=sensor))
    if found and found[-1].turn is Turn.RAISE:  # the record ends within a rise: it is over then
        found.append(replace(found[-1], turn=Turn.CLEAR, time=BEGIN + timedelta(days=1, seconds=60)))
    return found


def _worked_off(signals: list[Signal], zones: np.ndarray, name: str) -> list[Figure]:
    floor, post = Floor(), Post(watch="w-1", zones=len(set(zones.tolist())))
    called: list[datetime] = []
    coming = sorted(signals, key=lambda s: (s.time, s.zone, s.sensor), reverse=True)

    def take(moves: Iterable[Move]) -> None:
        for move in moves:
            before = floor.alarms.get(move.alarm)
            if calls(before, apply(floor, move)):
                called.append(move.at)

    for second in range(0, 86_400 + 7_200, 1):
        now = BEGIN + timedelta(seconds=second)
        while coming and coming[-1].time <= now:
            signal = coming.pop()
            take(on_signal(floor, post, signal, signal.time))
        take(on_time(floor, now))
        if second % 10 == 0:
            take(_somebody_works(floor, now))
    may_hand_over(floor)
    seconds = np.array([(at - BEGIN).total_seconds() for at in called])
    most = max((int(((seconds >= s) & (seconds < s + 600)).sum()) for s in seconds), default=0)
    hours = np.histogram(seconds, bins=np.arange(0, 97_200, 3_600))[0]
    closed = [a for a in floor.alarms.values() if a.state is State.CLOSED and a.disposition]
    raised = {(s.zone, s.time) for s in signals if s.turn is Turn.RAISE}
    say = f"crowd: a day of {len(zones)} meters, {name}"
    return [
        show(plain(f"{say}, rises told by meters", len(raised), "signals")),
        show(plain(f"{say}, alarms recorded (zones and incidents)", len(floor.alarms), "alarms")),
        show(at_most(f"{say}, alarms to the operator per hour", len(called) / 24, "1/h", 6)),
        show(plain(f"{say}, alarms to the operator in the fullest hour", float(hours.max()), "1/h")),
        show(at_most(f"{say}, alarms to the operator in any ten minutes", float(most), "alarms", 10)),
        show(at_least(f"{say}, closed with a disposition", 100 * len(closed) / max(1, len(floor.alarms)), "%", 100)),
    ]


def _somebody_works(floor: Floor, now: datetime) -> list[Move]:
    moves: list[Move] = []
    for alarm in floor.queue():
        if alarm.state in (State.OPEN, State.GATHERING) and now - alarm.opened_at >= timedelta(seconds=20):
            moves.append(acknowledge(floor, alarm.id, "p-1", now))
        elif alarm.state is State.ACKED and now - alarm.changed_at >= timedelta(seconds=40):
            moves.append(decide(floor, alarm.id, "p-1", now, choice="watch", reason="looked at it"))
        elif alarm.state is State.CLEARED:
            moves += dispose(floor, alarm.id, "p-1", now, disposition="crowd normal")
    return moves


def main() -> int:
    """Measure and print."""
    asked = flags(__doc__ or "").parse_args()
    return finish(towns_days(20 if asked.quick else 200), asked.json)


if __name__ == "__main__":
    raise SystemExit(main())
