"""Bylaws: which past requests they forbid, and how they come to be adopted."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from desk import Desk, desk
from toy import COUNT, TOY

from peelian.errors import Refused
from peelian.integrations.cedar_engine import open_policies
from peelian.kernel.identity import dual_control
from peelian.kernel.policy.authorizer import Authorizer
from peelian.oversight.transparency.bylaws import bylaws_of, forbidden, propose_bylaws

BYLAWS = """@id("no_wells_on_mondays") @says("it is Monday") @remedy("ask tomorrow")
forbid (principal, action == Action::"ask", resource in Technology::"toy") when { context.weekday == "monday" };
@id("no_wells_at_all") @says("no wells") @remedy("none")
forbid (principal, action == Action::"ask", resource in Technology::"toy") when { context.weekday == "sunday" };
"""


def strict(town: Desk, folder: Path) -> Desk:
    """The same office, opened again with bylaws."""
    (folder / "wells.cedar").write_text(BYLAWS)
    policy = Authorizer(engine=open_policies(folder))
    kernel = dataclasses.replace(town.kernel, policy=policy)
    return dataclasses.replace(town, office=dataclasses.replace(town.office, kernel=kernel))


def test_a_preview_says_which_past_requests_each_bylaw_forbids(tmp_path: Path) -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    on_monday = [town.ask(COUNT).case for _ in range(2)]
    town.clock.days(1)
    on_tuesday = town.ask(COUNT).case
    with pytest.raises(Refused):
        town.ask(COUNT, who="clerk")
    before = town.kernel.stores.log.size()
    town = strict(town, tmp_path)
    seen = forbidden(town.kernel)
    assert seen.asked == 4 and not seen.forbidden["no_wells_at_all"]
    assert [one.case for one in seen.forbidden["no_wells_on_mondays"]] == on_monday[::-1]
    assert on_tuesday not in {one.case for one in seen.forbidden["no_wells_on_mondays"]}
    assert forbidden(town.kernel, most=2).asked == 2 and town.kernel.stores.log.size() == before


def test_bylaws_are_in_force_once_a_second_person_approved_exactly_them(tmp_path: Path) -> None:
    town = strict(desk((TOY,)), tmp_path)
    assert not bylaws_of(town.kernel).adopted
    proposal = propose_bylaws(town.kernel, town.people["custodian"], words="the council decided so")
    assert not bylaws_of(town.kernel).adopted
    dual_control.approve(town.kernel, town.people["board"], proposal)
    assert bylaws_of(town.kernel).adopted
