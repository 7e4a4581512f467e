"""Every address is open to all or in one room, and each room is one that the policy names."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from fastapi.routing import APIRoute

from peelian.web.addresses import OPEN, ROOMS
from peelian.web.auth_middleware import KEYED


def test_no_address_is_in_both_lists_and_every_room_is_in_the_policy() -> None:
    policy = files("peelian.kernel.policy").joinpath("policies/rooms.cedar").read_text(encoding="utf-8")
    assert not OPEN & set(ROOMS)
    assert {room for room in ROOMS.values() if f'Room::"{room}"' not in policy} == set()


def test_every_address_of_the_pages_is_in_a_list_and_none_is_left_over(app: Any) -> None:
    there = {route.path for route in app.router.routes if isinstance(route, APIRoute)}
    assert {path for path in there - OPEN - set(ROOMS) if not path.startswith(KEYED)} == set()
    assert {path for path in ROOMS if path not in there} == set()
