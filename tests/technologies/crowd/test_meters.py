"""Proves a meter that lies raises nothing while it lies, and an alarm that is open is not cleared by a fault."""

from __future__ import annotations

import numpy as np

from peelian.technologies.crowd import example, meters
from peelian.technologies.crowd.declarations.noise_rules import EACH_SECOND
from peelian.technologies.crowd.faults import Fault


def run(level: np.ndarray) -> tuple[list, list]:
    state, alarms, broken = meters.NEW, [], []
    for second, one in enumerate(level.tolist()):
        state, change, fault = meters.step(EACH_SECOND, state, second, one)
        alarms += [(second, change.change.raised)] if change else []
        broken += [(second, fault.fault, fault.well)] if fault else []
    return alarms, broken


def test_lies_are_faults_and_never_alarms() -> None:
    rng = np.random.default_rng(0)
    for name, lie in {
        Fault.FLAT: np.full(900, 88.0),
        Fault.CLIPPING: 131 + rng.random(900),
        Fault.JUMPS: np.tile([30.0, 95.0], 450),
    }.items():
        level = np.concatenate([example.square(45), lie, example.square(10)])
        alarms, broken = run(level)
        assert alarms == [], name
        assert (broken[0][1], broken[-1][2]) == (name, True)


def test_a_fault_neither_clears_nor_doubles_an_open_alarm() -> None:
    level = example.square(70)
    level[2_700:3_000] += 15
    level[2_900:2_960] = 131.5 + np.arange(60) % 2
    alarms, broken = run(level)
    assert [raised for _, raised in alarms] == [True, False] and broken[0][1] is Fault.CLIPPING
