"""The list of watches, and their zones: of what stands, and of the areas that sensors are in."""

from __future__ import annotations

from watched import listed, stood

from peelian.kernel.alarms import watch
from peelian.kernel.alarms.watched_sensors import WORD
from peelian.oversight.watches.watch_list import destroyed_watches, watch_rows, zone_of, zones


def test_a_watch_is_listed_while_it_stands_and_after_it_ended() -> None:
    at = stood()
    kernel, case = at.town.kernel, at.permit.case
    (row,) = watch_rows(kernel)
    assert (row["case"], row["sensors"], row["ended"], row["held"]) == (case, 2, False, False)
    watch.end(kernel, at.town.people["commander"], case)
    assert watch_rows(kernel)[0]["ended"] and destroyed_watches(kernel) == {}


def test_zones_are_those_that_stand_and_the_areas_of_sensors() -> None:
    at = stood()
    listed(at.town, "well-9", area="Place d'Armes")
    named = {"centre": "Centre", "north": "North", "place-d-armes": "Place d'Armes", "south": "South"}
    assert zones(at.town.kernel) == named


def test_any_area_makes_a_zone_that_a_watch_takes() -> None:
    for area in ("Évangéline 2", "1er Quai", "  ", "a" * 80, "中央", "-x-"):
        assert WORD.fullmatch(zone_of(area)), area
