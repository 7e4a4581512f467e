"""Each scenario tells the truth of what it did; every kind of signal but plain taking has a scenario that plays it."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import desk

from peelian.operations.drill.scenarios import SCENARIOS, copy_with_keys, copy_without_keys, variant
from peelian.operations.drill.town import build_town, plan_of
from peelian.oversight.breach.letters import CIRCUMSTANCES


def test_the_seed_chooses_the_variant() -> None:
    assert variant("backup-copied", 0) is copy_with_keys and variant("backup-copied", 1) is copy_without_keys
    assert variant("snooping", 0) is variant("snooping", 1)


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_a_scenario_says_whom_it_harmed(scenario: str, tmp_path: Path) -> None:
    at = desk()
    town, clock = build_town(plan_of(at.office), tmp_path / "town", seed=5, office_clock=at.kernel.now)
    truth = variant(scenario, 5)(town, clock)
    town.office.close()
    assert truth.kind in CIRCUMSTANCES
    assert bool(truth.subjects) == (scenario not in ("disk-full", "witness-down"))
