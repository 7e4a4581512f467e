"""Navigation: what is open to all stands in groups, and staff pages only where the policy lets somebody in."""

from __future__ import annotations

import re

from authentication import at_pages, logged_on
from desk import desk

from peelian.catalogues import say_in
from peelian.pictures.words import english
from peelian.web.app import make_app
from peelian.web.frame import navigation

FRENCH = say_in("fr", ["peelian.pictures", "peelian.web"])


def test_a_visitor_sees_public_pages_only() -> None:
    head, groups = navigation.places(None, None, english, None)  # type: ignore[arg-type]  # nobody is asked about
    assert [address for address, _ in head] == ["/", "/register", "/log"]
    addresses = {address for _, pages in groups for address, _ in pages}
    assert not addresses & {address for address, _, _ in navigation.OFFICE}


def test_staff_see_the_pages_that_the_policy_opens() -> None:
    town = desk(())
    app = make_app(town.office)
    for short, first, never in (("dispatcher", "/console", "/sessions"), ("analyst", "/cases", "/console")):
        page = logged_on(app, town.office, short).get("/en/log").text
        own = re.findall(r'href="/en(/[a-z]+)"', page.partition("Staff pages")[2].partition("</ul>")[0])
        assert own[:2] == ["/desk", first] and never not in own and "/tasks" in own, own
    assert "Staff pages" not in at_pages(app).get("/en/log").text


def test_every_page_has_its_name_in_both_languages() -> None:
    for spoken, told in zip(navigation.public_places(english), navigation.public_places(FRENCH), strict=True):
        assert spoken[0] != told[0] and [a for a, _ in spoken[1]] == [a for a, _ in told[1]]
    assert all(FRENCH(title) for _, title, _ in navigation.OFFICE)
