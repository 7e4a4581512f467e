"""Navigation: what is open to all stands in groups, and staff pages only where the policy lets somebody in."""

from __future__ import annotations

from typing import Any

import pytest

from peelian.catalogues import say_in
from peelian.pictures.words import english
from peelian.web import navigation

FRENCH = say_in("fr", ["peelian.pictures", "peelian.web"])


def test_a_visitor_sees_public_pages_only() -> None:
    head, groups = navigation.places(None, None, english, None)  # type: ignore[arg-type]  # nobody is asked about
    assert [address for address, _ in head] == ["/", "/register", "/log"]
    addresses = {address for _, pages in groups for address, _ in pages}
    assert not addresses & {address for address, _, _ in navigation.OFFICE}


def test_staff_see_the_pages_that_the_policy_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = {"desk", "cases"}
    monkeypatch.setattr(navigation, "may", lambda office, request, room: room in allowed)
    seat: Any = object()
    head, groups = navigation.places(None, None, english, seat)  # type: ignore[arg-type]
    assert [address for address, _ in head] == ["/desk", "/cases"]
    assert groups[0][1] == head and len(groups) == 4


def test_every_page_has_its_name_in_both_languages() -> None:
    for spoken, told in zip(navigation.public_places(english), navigation.public_places(FRENCH), strict=True):
        assert spoken[0] != told[0] and [a for a, _ in spoken[1]] == [a for a, _ in told[1]]
    assert all(FRENCH(title) for _, title, _ in navigation.OFFICE)
