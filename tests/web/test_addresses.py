"""Every address is open to all or in one room for all its methods, and each room is one that the policy names."""

from __future__ import annotations

from importlib.resources import files

from peelian.kernel.model.doors import ANYBODY
from peelian.web.addresses import DOORS, OPEN, ROOMS


def test_every_room_is_in_the_policy_and_an_address_is_in_one_room() -> None:
    policy = files("peelian.kernel.policy").joinpath("policies/rooms.cedar").read_text(encoding="utf-8")
    assert not OPEN & set(ROOMS)
    assert {room for room in ROOMS.values() if f'Room::"{room}"' not in policy} == set()
    assert all(ROOMS.get(door.name.partition(" ")[2], ANYBODY) == door.whom for door in DOORS)
