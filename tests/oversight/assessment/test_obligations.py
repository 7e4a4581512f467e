"""What a level asks for rises with the level."""

from __future__ import annotations

from itertools import pairwise

from peelian.kernel.model.capability import Role
from peelian.oversight.assessment.obligations import BY_LEVEL, FALLBACK, MORE, PARTS


def test_every_level_asks_for_at_least_what_the_level_below_asks_for() -> None:
    levels = [BY_LEVEL[n] for n in (1, 2, 3, 4)]
    for lower, higher in pairwise(levels):
        assert higher.reviews >= lower.reviews and set(higher.texts) >= set(lower.texts)
        assert higher.approvers <= lower.approvers and higher.trained >= lower.trained


def test_the_published_requirements_hold_level_by_level() -> None:
    assert [BY_LEVEL[n].reviews for n in (1, 2, 3, 4)] == [0, 1, 1, 2]
    assert Role.COMMANDER in BY_LEVEL[2].approvers and BY_LEVEL[4].approvers == {Role.COUNCIL}
    assert len(PARTS) == 7 and all(set(PARTS) <= set(BY_LEVEL[n].texts) for n in (2, 3, 4))
    assert FALLBACK in BY_LEVEL[3].texts and set(BY_LEVEL[4].texts) <= {*PARTS, *MORE}
