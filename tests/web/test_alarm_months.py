"""The public page of what became of the alarms: in both languages, for everybody, and nothing but counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from labels import adopt
from starlette.testclient import TestClient
from toy_watch import FIRST, wells
from watched import stood

from peelian.kernel.alarms import operator_desk
from peelian.kernel.model.labels import LabelKind
from peelian.web.app import make_app
from peelian.web.public.area_map import uses


@pytest.mark.parametrize(("language", "says"), [("en", "Danger confirmed, share"), ("fr", "Danger confirmé")])
def test_the_public_reads_how_often_alarms_told_of_danger(language: str, says: str) -> None:
    at = stood()
    client = TestClient(make_app(at.town.office, public=True), base_url="http://127.0.0.1")
    empty = client.get(f"/{language}/alarm-months")
    assert empty.status_code == 200 and says not in empty.text
    at.feed(wells([6.0, 6.5]))
    kernel, person = at.town.kernel, at.town.people["dispatcher"]
    name = next(iter(kernel.state.alarms.floor.alarms))
    operator_desk.acknowledge(kernel, person, name)
    operator_desk.decide(kernel, person, name, choice="watch", reason="Mr Example fell")
    at.feed(wells([1.0], first=FIRST + timedelta(seconds=9)))
    operator_desk.dispose(kernel, person, name, disposition="danger confirmed")
    page = client.get(f"/{language}/alarm-months").text
    assert says in page and "north" in page and "Example" not in page and person.person.token not in page
    assert client.get("/de/alarm-months").status_code == 404
    adopt(kernel, at.town.people["custodian"], at.town.people["board"], LabelKind.AREA, ["North", "South"])
    told = {one.area: (one.alarms, one.technologies) for one in uses(at.town.office)[0]}
    assert told["North"] == (1, {"crowd"}) and told["South"] == (0, set())
