"""What a town can do at a place besides sending police: by category, from what has been tried and evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LIGHT = "Light: repair or add street lighting (Welsh & Farrington 2008: fewer incidents, also by day)."
LOCKS = "Locks: offer free door and window locks to nearby homes, first to homes with a break-in (Kirkholt project)."
NOTICE = "Notice: within a day or two of a break-in, tell nearby residents what happened and how to secure a home."
ALLEYS = "Alleys: gate rear alleys with the residents' consent (Bowers, Johnson & Hirschfield 2004)."
PARKING = (
    "Parking: provide attended or well-lit car parks and steering-wheel locks (Poyner 1991; Farrell and others 2011)."
)
RACKS = "Racks: provide secure bicycle parking in view of the street (Sidebottom and others 2009)."
GREEN = "Green: clean, plant and maintain vacant lots (Branas and others 2018: fewer assaults, randomized trial)."
REPAIR = "Repair: fix damage and remove graffiti within days."
NIGHT = "Night: run late buses, stagger closing hours and train door staff where people leave bars."
WORKERS = "Outreach: employ violence interrupters and street workers who know the people there (Butts and others 2015)."
SHOPS = "Shops: arrange goods and staff so shelves are visible, and agree rules with the shops that call most."
ROADS = "Roads: add crossings, lower speeds and narrow lanes where collisions cluster."
YOUTH = "Youth: open sports halls and offer summer jobs (Heller 2014: fewer arrests for violence, randomized trial)."
CRISIS = "Crisis: send mental-health teams to calls instead of police (Dee & Pyne 2022)."
ASK = "Ask first: talk with people who live and work there before acting."

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
