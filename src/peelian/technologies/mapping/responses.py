"""What a town can do at a place besides sending police: by category, from what has been tried and evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LIGHT = "Light: repair or add street lighting (Welsh & Farrington 2008: fewer incidents, by day as well)."
LOCKS = "Locks: offer free door and window locks to homes nearby, first to those that had a break-in (Kirkholt)."
NOTICE = "Notice: tell residents around a recent break-in what happened and how to secure a home, within a day or two."
ALLEYS = "Alleys: gates at rear alleys, with the residents' consent (Bowers, Johnson & Hirschfield 2004)."
PARKING = "Parking: attended or well-lit car parks and steering-wheel locks (Poyner 1991; Farrell and others 2011)."
RACKS = "Racks: secure bicycle parking that is overlooked from the street (Sidebottom and others 2009)."
GREEN = "Green: clean, plant and maintain vacant lots (Branas and others 2018: fewer assaults, randomised)."
REPAIR = "Repair: fix what is broken and remove graffiti within days."
NIGHT = "Night: late buses, staggered closing hours and trained door staff where people leave bars."
WORKERS = "Outreach: violence interrupters and street workers who know the people there (Butts and others 2015)."
SHOPS = "Shops: place goods and staff so that shelves are seen; agree rules with the shops that call most."
ROADS = "Roads: crossings, lower speed and narrower lanes where collisions gather."
YOUTH = "Youth: open sports halls and summer jobs (Heller 2014: fewer arrests for violence, randomised)."
CRISIS = "Crisis: mental-health teams that answer calls without police (Dee & Pyne 2022)."
ASK = "Ask: speak with the people who live and work at the place before anything is done."

_ALWAYS = (ASK,)
_BY_CATEGORY: Mapping[str, tuple[str, ...]] = {
    "break_and_enter": (LOCKS, NOTICE, ALLEYS, LIGHT),
    "vehicle_theft": (PARKING, LIGHT),
    "theft_from_vehicle": (PARKING, LIGHT),
    "vehicle_crime": (PARKING, LIGHT),
    "bicycle_theft": (RACKS,),
    "assault": (NIGHT, GREEN, WORKERS, YOUTH),
    "homicide": (WORKERS, GREEN, YOUTH),
    "violence_and_sexual_offences": (NIGHT, LIGHT, WORKERS),
    "threats_and_harassment": (WORKERS, CRISIS),
    "robbery": (LIGHT, NIGHT, YOUTH),
    "theft_from_person": (LIGHT, NIGHT),
    "theft": (SHOPS, LIGHT),
    "shoplifting": (SHOPS,),
    "criminal_damage": (REPAIR, GREEN, YOUTH),
    "arson": (REPAIR, GREEN),
    "antisocial_behaviour": (YOUTH, REPAIR, CRISIS),
    "traffic_collision": (ROADS,),
}
RESPONSES: Mapping[str, tuple[str, ...]] = MappingProxyType(dict(_BY_CATEGORY))
GENERAL = (LIGHT, REPAIR)
SENTENCES = frozenset({*_ALWAYS, *GENERAL, *(text for texts in _BY_CATEGORY.values() for text in texts)})


def responses_to(category: str) -> tuple[str, ...]:
    """Message ids of responses besides police for a general category; asking the people there always comes first.

    >>> responses_to("traffic_collision") == (ASK, ROADS)
    True
    """
    return (*_ALWAYS, *RESPONSES.get(category, GENERAL))
