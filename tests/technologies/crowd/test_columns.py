"""Tables of a detector's trial: what may leave is numbers, and words of published lists."""

from __future__ import annotations

from peelian.measure.table import NEVER_LEAVES
from peelian.technologies.crowd.declarations.columns import EMITS
from peelian.technologies.crowd.declarations.counter_trial import COUNTER_TRIAL
from peelian.technologies.crowd.declarations.noise_trial import NOISE_TRIAL


def test_both_trials_return_the_shared_tables_and_no_person() -> None:
    for capability in (COUNTER_TRIAL, NOISE_TRIAL):
        assert all(emit in capability.emits for emit in EMITS)
        assert not {kind for emit in capability.emits for kind in emit.kinds.values()} & NEVER_LEAVES
