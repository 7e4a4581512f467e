"""What a policy judges: every authorization has a title and issuers, and nothing is permitted by what was left out."""

from __future__ import annotations

import dataclasses

from uses import use

from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.policy_port import HOW, ISSUERS, TITLES, Action, Use


def test_every_authorization_has_a_title_and_issuers() -> None:
    assert set(ISSUERS) == set(TITLES) == set(AuthorizationKind)
    assert all(ISSUERS.values()) and set(HOW) <= set(AuthorizationKind)


def test_what_was_left_out_permits_nothing() -> None:
    left_out = {f.name: f.default for f in dataclasses.fields(Use) if f.default is not dataclasses.MISSING}
    assert left_out.pop("drill_is_recent") is False, "no drill counts as gone through by itself"
    assert left_out.pop("owner_of")("toy-wells") == "", "no technology owns data by itself"
    assert left_out == {"action": "ask", "bylaws": ""}, "no bylaws count as adopted by themselves"
    assert {f.name for f in dataclasses.fields(Action) if f.default is dataclasses.MISSING} >= {
        "roles",
        "person",
        "now",
    }
    assert use().used
