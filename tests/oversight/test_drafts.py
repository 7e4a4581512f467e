"""Drafts are their person's own, told by nothing in the database, and let go after a while."""

from __future__ import annotations

import pytest
from desk import desk

from peelian.oversight.drafts import draft_of, end_draft, keep_draft

SAID = {"answers": {"impact6": "a word that only they wrote"}}


def test_a_draft_is_its_persons_own_and_outlives_nothing_but_their_session() -> None:
    town = desk(())
    one, other = (town.people[short].person.token for short in ("privacy-officer", "clerk"))
    before = town.kernel.stores.log.size()
    keep_draft(town.kernel, one, "assessment", SAID)
    assert draft_of(town.kernel, one, "assessment") == SAID and not draft_of(town.kernel, other, "assessment")
    assert not draft_of(town.kernel, one, "another")
    ((_, kept),) = town.kernel.stores.tickets.all("draft")
    assert "only they wrote" not in kept and town.kernel.stores.log.size() == before
    town.clock.days(89)
    assert draft_of(town.kernel, one, "assessment")
    town.clock.days(2)
    assert not draft_of(town.kernel, one, "assessment") and not town.kernel.stores.tickets.all("draft")


@pytest.mark.parametrize("change", ["altered", "another's"])
def test_what_was_put_in_its_place_is_as_if_there_were_none(change: str) -> None:
    kernel = desk(()).kernel
    tickets = kernel.stores.tickets
    keep_draft(kernel, "b" * 20, "assessment", SAID)
    ((_, kept),) = tickets.all("draft")
    body = kept[:-2] if change == "altered" else kept
    tickets.put("draft", f"{'a' * 20} assessment", body, kernel.now())
    assert draft_of(kernel, "a" * 20, "assessment") == {}
    end_draft(kernel, "a" * 20, "assessment")
    end_draft(kernel, "a" * 20, "assessment")
    assert len(tickets.all("draft")) == 1
