"""Where one can go from every page: what is open to all, and what the policy lets whoever is logged on enter."""

from __future__ import annotations

from fastapi import Request

from peelian.kernel.identity.sessions import Seat
from peelian.operations.office import Office
from peelian.pictures.panels import Say
from peelian.web.frame.rooms import rooms_of

Places = list[tuple[str, str]]


def public_places(say: Say) -> list[tuple[str, Places]]:
    """The pages that are open to all, in groups."""
    return [
        (
            say("Technology in use"),
            [
                ("/", say("Home")),
                ("/register", say("Register")),
                ("/map", say("Map")),
                ("/map/areas", say("All technologies by area")),
                ("/inventory", say("Inventory")),
                ("/sensors", say("Sensors")),
                ("/vocabularies", say("Areas and groups")),
                ("/recordings", say("Recordings: yearly figures")),
            ],
        ),
        (
            say("Oversight"),
            [
                ("/assessment", say("Assessments")),
                ("/compliance", say("Compliance")),
                ("/incidents", say("Incidents")),
                ("/drills", say("Breach drill")),
                ("/log", say("Log")),
            ],
        ),
        (
            say("For residents"),
            [
                ("/residents", say("What is used near you")),
                ("/receipt", say("Verify a receipt")),
                ("/contact", say("Ask or object")),
                ("/whoaccessed", say("Who viewed my record")),
                ("/about", say("About and limits")),
            ],
        ),
    ]


OFFICE = (
    ("/desk", "My work", "desk"),
    ("/console", "Alarm console", "alarms"),
    ("/alarms", "Alarms", "alarms"),
    ("/cases", "Cases", "cases"),
    ("/ask", "Request a use", "ask"),
    ("/data", "Data", "data"),
    ("/authorizations", "Authorizations", "authorizations"),
    ("/items", "Recordings", "items"),
    ("/accesses", "Access review", "accesses"),
    ("/suspension", "Suspend a technology", "suspension"),
    ("/tasks", "Tasks", "tasks"),
    ("/desk/drill", "Play a drill", "desk"),
    ("/sessions", "Sessions", "sessions"),
)
"""The office's own pages: address, title, and the room of the policy."""
STOP = "/suspension"  # in the head of each page for those who may: a technology is stopped by two clicks


def office_places(office: Office, request: Request, say: Say) -> Places:
    """Those of them that whoever is logged on may enter."""
    found = rooms_of(office, request, {room for _, _, room in OFFICE})
    return [(address, say(title)) for address, title, room in OFFICE if room in found]


def places(office: Office, request: Request, say: Say, seat: Seat | None) -> tuple[Places, list[tuple[str, Places]]]:
    """The few that stand in the head of a page, and all of them in groups."""
    groups = public_places(say)
    if seat is None:
        return [("/", say("Home")), ("/register", say("Register")), ("/log", say("Log"))], groups
    own = office_places(office, request, say)
    stops = [(STOP, say("Suspend")) for address, _ in own if address == STOP]  # the head takes one line
    most_used = [*own[:3], *stops] if stops else own[:4]
    return most_used, [(say("Staff pages"), own), *groups]
