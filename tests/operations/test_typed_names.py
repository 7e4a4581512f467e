"""No name that somebody typed for a sensor stands at any page or file that a kept office's people reach.

An earlier version let a custodian name a sensor after a person and an address. Every link is followed, by everybody who
has a role and by somebody who has none; no answer may hold such a name but the letters of the log's entries as they
were signed, without which no receipt could be verified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from authentication import at_pages, logged_on, send
from desk import Desk
from kept_office import kept_office
from linked_pages import answers, route_of, without_parts
from living_office import unpacked
from sizes import FULL

from peelian.kernel.records.sensor_register import message_refused, the_register
from peelian.oversight.sensors.live import keep_live
from peelian.technologies.sensors.windows import Window
from peelian.web.app import make_app

MOST = 400 if FULL else 6  # addresses of one route that one person asks
AS_SIGNED = {"/data/log/{index}/entry", "/{language}/receipt"}
SEE_MOST = ("privacy-officer", "custodian", "clerk", "commander")


@dataclass
class Walk:
    """What somebody reached: its routes, and by route where a typed name stands."""

    routes: set[str] = field(default_factory=set)
    named: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The kept office; since, one of its typed sensors sent values, and one sent a message that was refused."""
    with kept_office(tmp_path_factory.mktemp("typed")) as town:
        for id in typed(town):
            message_refused(town.kernel, id, "peopleCount")
            start = datetime(2026, 3, 3, 8, tzinfo=UTC)
            keep_live(town.kernel, [Window(sensor=id, measure="people", start=start, n=1, count=40)])
        yield town


@pytest.fixture(scope="module")
def app(kept: Desk) -> Any:
    return make_app(kept.office)


def typed(town: Desk) -> set[str]:
    """The ids that are no number of the office."""
    return {id for id, one in the_register(town.kernel).items() if id != one.number}


def walked(kept: Desk, app: Any, short: str) -> Walk:
    made, names = Walk(), typed(kept)
    client = logged_on(app, kept.office, short) if short else at_pages(app)
    log = [index for index, entry in kept.kernel.stores.log.read() if any(name in str(entry) for name in names)]
    entries = [f"/{language}/log/{index}" for index in log[:MOST] for language in ("en", "fr")]
    own = ["/en/", "/en/desk", "/en/tasks/sensors-renew", "/en/tasks/sensors-release", "/en/tasks/sensors-refused"]
    for address, got in answers(app, client, [*entries, *own, *without_parts(app)], MOST):
        made.routes.add(route := route_of(app, address))
        text = b"\n".join(unpacked(got.content))
        if found := [name for name in names if name.encode() in text or name in address]:
            made.named.setdefault(route, f"{address}: {found}")
        made.faults += [address] if got.status_code >= 500 else []
    return made


@pytest.mark.parametrize("short", ["", *SEE_MOST] if not FULL else ["", *SEE_MOST, "board", "auditor", "analyst"])
def test_no_link_leads_to_a_typed_name(kept: Desk, app: Any, short: str) -> None:
    made = walked(kept, app, short)
    assert {route: at for route, at in made.named.items() if route not in AS_SIGNED} == {}
    assert made.faults == []
    reached = {
        "/{language}/sensors/{id}",
        "/{language}/log/{index}",
        "/data/sensors.{kind}",
        "/{language}/register/{case}",
    }
    assert reached | {"/data/sensors/{id}/released.{kind}"} <= made.routes
    if short:
        assert {"/{language}/cases/{case}", "/{language}/tasks/{id}", "/data/cases/{case}/{name}.{kind}"} <= made.routes


def test_the_letters_that_were_signed_have_the_name_and_their_page_says_so(kept: Desk, app: Any) -> None:
    """Else the other test would show nothing."""
    client, log = at_pages(app), kept.kernel.stores.log.read(kinds=("SENSOR_REGISTERED",))
    index = next(index for index, entry in log if entry["sensor"] == "jane-doe-12-main-street")
    assert "jane-doe-12-main-street" in client.get(f"/data/log/{index}/entry").text
    assert "Its number is shown in the name" in client.get(f"/en/log/{index}").text


def test_a_sensor_with_a_typed_name_is_updated_and_released_by_its_number(kept: Desk, app: Any) -> None:
    number = the_register(kept.kernel)["square-1"].number
    custodian, clerk = (logged_on(app, kept.office, short) for short in ("custodian", "clerk"))
    updated = send(custodian, "/en/tasks/sensors-update", sensor=number, firmware="2.1", on="2026-03-02")
    assert updated.status_code in (200, 303) and the_register(kept.kernel)["square-1"].sensor.firmware == "2.1"
    counts = ",".join(["20"] * 24)
    released = send(clerk, "/en/tasks/sensors-release", sensor=number, day="2026-03-02", counts=counts)
    assert released.status_code in (200, 303), released.text
    assert "2026-03-02" in clerk.get(f"/data/sensors/{number}/released.csv").text
    ended = send(custodian, "/en/tasks/sensors-end", sensor=number, why="removed")
    assert ended.status_code in (200, 303) and the_register(kept.kernel)["square-1"].ending == "removed"
