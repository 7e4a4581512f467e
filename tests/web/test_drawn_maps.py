"""Drawn maps: each is drawn once, and the newest are there before anybody asks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from authentication import at_pages
from map_town import MapTown, map_town

from peelian.web.app import make_app
from peelian.web.cases.drawn_maps import Drawing, Drawn, drawing, prepared

Key = tuple[str, bool, str]


@pytest.fixture(scope="module")
def town() -> MapTown:
    return map_town()


def asked_for(town: MapTown, n: int, draw: Callable[[Key], Drawn | None]) -> list[Key]:
    """What is drawn beforehand, by the time `n` maps were asked for."""
    keys: list[Key] = []
    enough = Event()

    def noted(*key: object) -> Drawn:
        keys.append(key)  # type: ignore[arg-type]
        if len(keys) == n:
            enough.set()
        return draw(*key)  # type: ignore[arg-type]

    with prepared(town.desk.office, noted, pause=0.0):
        assert enough.wait(60)
    return keys


def test_the_newest_maps_are_drawn_beforehand_in_both_languages_and_none_that_is_undecided(town: MapTown) -> None:
    found = asked_for(town, 6, drawing(town.desk.office))
    public, staff = [key for key in found if key[1]], [key for key in found if not key[1]]
    assert public == [(town.forecast, True, language) for language in ("en", "fr")], "everybody's come first"
    assert staff == [(case, False, language) for case in (town.limits, town.forecast) for language in ("en", "fr")]


def test_what_was_drawn_beforehand_is_what_a_page_shows(town: MapTown) -> None:
    app = make_app(town.desk.office)
    asked_for(town, 6, app.state.maps)
    told = at_pages(app).get(f"/data/register/{town.forecast}/map/fr")
    assert told.content == app.state.maps(town.forecast, True, "fr").told


def test_a_map_that_cannot_be_drawn_is_logged_and_the_others_are_drawn(
    town: MapTown, caplog: pytest.LogCaptureFixture
) -> None:
    def damaged(*key: object) -> Drawn:
        raise ValueError("Mx Smith")

    assert len(asked_for(town, 6, damaged)) == 6
    assert caplog.text.count(town.limits) == 2 and "ValueError" in caplog.text
    assert "Smith" not in caplog.text, "an error's text may hold data"


def test_who_asks_while_a_map_is_drawn_gets_that_one(town: MapTown) -> None:
    draw: Drawing = drawing(town.desk.office)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: draw(town.forecast, False, "en"), range(4)))
    assert all(one is made[0] for one in made)


def test_a_page_s_data_are_those_that_were_drawn_with_it(town: MapTown) -> None:
    client = at_pages(make_app(town.desk.office))
    page = client.get(f"/fr/register/{town.forecast}/map").text
    address = f"/data/register/{town.forecast}/map?language=fr"
    assert f'data-planes="{address}&amp;' in page and client.get(address).status_code == 200
    assert client.get(address.replace("=fr", "=xx")).status_code == 404
