"""Rooms that whoever asks may enter, by the policy: for menus, links and what a page leaves out."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import Request

from peelian.kernel.identity.sessions import rooms_open
from peelian.operations.office import Office
from peelian.web.auth_middleware import SAFE, seat_of


def may(office: Office, request: Request, room: str) -> bool:
    """Whether whoever asks may enter a room, by the policy."""
    return room in rooms_of(office, request, {room})


def rooms_of(office: Office, request: Request, rooms: Collection[str]) -> frozenset[str]:
    """Those of the rooms that whoever asks may enter, by the policy. It judges each once for a page that is only shown,
    and again and again while something is done."""
    seat = seat_of(request)
    if seat is None:
        return frozenset()
    known = request.scope["state"].setdefault("judged", {})  # new where the session begins with this answer
    judged: dict[str, bool] = known if request.method in SAFE else {}
    asked = set(rooms) - judged.keys()
    found = rooms_open(office.kernel, seat, asked) if asked else frozenset()
    judged.update({room: room in found for room in asked})
    return frozenset(room for room in rooms if judged[room])
