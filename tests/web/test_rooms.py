"""Rooms: the policy is asked once for a page that only shows, and anew for the next one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from authentication import logged_on
from desk import desk

from peelian.kernel.model.policy_port import Action
from peelian.web.app import make_app


class Heard:
    """The policy, and which rooms it was asked about."""

    def __init__(self, policy: Any) -> None:
        self._policy, self.rooms = policy, list[str]()

    def are_permitted(self, acts: list[Action]) -> Any:
        self.rooms += [act.room for act in acts]
        return self._policy.are_permitted(acts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._policy, name)


def test_a_page_that_only_shows_asks_once_about_each_room_and_the_next_page_again() -> None:
    town = desk(())
    heard = Heard(town.kernel.policy)
    office = replace(town.office, kernel=replace(town.kernel, policy=heard))
    client = logged_on(make_app(office), office, "analyst")
    heard.rooms.clear()
    assert 'href="/en/ask"' in client.get("/en/desk").text
    once = list(heard.rooms)
    assert len(once) == len(set(once)) and {"ask", "cases", "sessions"} <= set(once)
    client.get("/en/desk")
    assert heard.rooms == once * 2
