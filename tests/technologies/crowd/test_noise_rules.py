"""Rules of the noise detector: one for each kind of meter, what is less loud must last longer."""

from __future__ import annotations

import pytest

from peelian.technologies.crowd.declarations.noise_rules import EACH_MINUTE, EACH_SECOND, RULES, NoiseRule


def test_a_meter_of_seconds_and_one_of_minutes_have_their_rule() -> None:
    assert RULES == {1: EACH_SECOND, 60: EACH_MINUTE}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: f"{rule.period_seconds} s")
def test_what_is_less_loud_must_last_longer(rule: NoiseRule) -> None:
    for level in {level for level, _, _ in rule.bars}:
        seconds = [seconds for of, _, seconds in sorted(rule.bars, key=lambda bar: bar[1]) if of is level]
        assert seconds == sorted(seconds, reverse=True)
    assert rule.holds.levels == tuple((level, seconds) for level, _, seconds in rule.bars)
