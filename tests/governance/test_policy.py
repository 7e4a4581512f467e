"""What a policy judges: every paper has a title and issuers, and nothing is permitted by what was left out."""

from __future__ import annotations

import dataclasses

from uses import use

from peelian.governance.capability import Paper
from peelian.governance.policy import HOW, ISSUERS, TITLES, Deed, Use


def test_every_paper_has_a_title_and_issuers() -> None:
    assert set(ISSUERS) == set(TITLES) == set(Paper)
    assert all(ISSUERS.values()) and set(HOW) <= set(Paper)


def test_what_was_left_out_permits_nothing() -> None:
    left_out = {f.name: f.default for f in dataclasses.fields(Use) if f.default is not dataclasses.MISSING}
    assert left_out.pop("drill_is_recent") is False, "no drill counts as gone through by itself"
    assert left_out == {"action": "ask", "bylaws": ""}, "no bylaws count as adopted by themselves"
    assert {f.name for f in dataclasses.fields(Deed) if f.default is dataclasses.MISSING} >= {"roles", "person", "now"}
    assert use().used
