"""Whether the labels of a column name people or homes where groups or areas should stand: by all of them together.

No single label tells: "Victoria Park" is a place and "Christian" a group. A column in which many labels begin with a
given name is a list of people; one in which many begin with the number of a house is a list of homes. Whoever disguises
names gets past this; a file with the wrong column does not. The given names are common ones of Canadian cities.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_GIVEN = """
    aaron abdul abdullah adam adrian agnes ahmad ahmed aisha alain alan albert alejandro alex alexander
    alexandra alexandre alexis ali alice alicia alison allan amanda amir amina amy ana andre andrea andrew
    angela anita ann anna anne annie anthony antoine antonio aria arthur arjun ashley audrey barbara beatrice
    ben benjamin bernard bilal brandon brenda brian bruce bryan camille carlos carmen carol caroline catherine
    cecile charles charlotte chen chloe christine christopher cindy claire claude claudia cynthia daniel
    danielle david deborah denise dennis diana diane diego dmitri dominique donald donna dorothy edward eleanor
    elena elizabeth ella ellen emily emma eric etienne eva evelyn farah fatima felix fernando florence frances
    francis franck francois frank gabriel gabrielle gary genevieve george gerald gerard gilles giovanni gloria
    grace gregory guillaume guy hannah harold harpreet hassan heather helen helene henri henry hugo ibrahim ines
    irene isaac isabel isabelle ivan jack jacob jacqueline jacques james jamal jane janet jasmine jason jean
    jeanne jeffrey jennifer jeremy jerome jessica jesus joan john jonathan jorge jose joseph joshua juan judith
    julia julie julien justin karen karim kate katherine kathleen kelly kenneth kevin kim kimberly kyle larry
    laura laurence laurent lea leila leo leon liam lin linda lisa louis louise luc lucas lucie lucy luis luke
    madeleine malik manon marc marcel margaret maria marie mario mark martha martin martine mary maryam mathieu
    matthew maurice maxime megan mehmet mei melissa michael michel michelle miguel mike mohamed mohammad
    mohammed monica monique muhammad mustafa nadia nancy natalie nathalie nathan nicholas nicolas nicole nina
    noah noor nora norman olga oliver olivia omar oscar pablo pamela pascal patricia patrick paul paula pedro
    peter philip philippe pierre priya rachel rafael raj rajesh ralph ramon raymond rebecca renee richard robert
    roberto robin roger roland ronald rosa rose roxanne russell ryan salma samantha samir samuel sandra sanjay
    sara sarah scott sean sebastian sergei sharon simon simone singh sofia sonia sophia sophie stephane
    stephanie stephen steven sunita susan suzanne sylvie tanya teresa theresa thomas timothy tyler valerie
    vanessa veronique victor vincent virginia vladimir walter wei wendy william xavier yan yasmin yusuf yves
    yvonne zainab zoe
"""
GIVEN = frozenset(_GIVEN.split())
_PLACES = """
    avenue bay beach bridge centre center chemin creek district division east est fort garden gardens glen grove
    heights hill hills junction lac lake mont mount nord north nouveau ouest parc park place plaza point port
    precinct river rue saint sainte san santa south springs square st ste street sud valley view village ville
    ward west woods
"""
PLACES = frozenset(_PLACES.split())
"""Words by which places are called, many of them after a person."""
PARTS = re.compile(r"[^\W\d_]+")
_STREET = r"[^\W\d_][\w'’.-]*+(?:\s++[^\W\d_][\w'’.-]*+){0,4}+"  # one to five words; never goes back, so linear
HOUSE = re.compile(rf"\d{{1,6}}\s?[A-Za-z]?(\s?-\s?\d++)?,?\s++{_STREET}\s*+(,.*)?")
ORDINAL = re.compile(r"\d+(st|nd|rd|th|e|er|ère|ème|re)\b.*", re.IGNORECASE)
FEWEST, NAMES, HOMES = 4, 0.3, 0.3  # labels; shares of them


def are_names(labels: Collection[str]) -> bool:
    """Whether these labels (each once) read like the names of people. O(labels).

    >>> are_names(["Jane Doe", "SMITH, JOHN", "ali_khan", "Lea"])
    True
    >>> are_names(["White", "Black Caribbean", "Victoria Park", "Christian", "Not stated"])
    False
    """
    words = [PARTS.findall(label.casefold()) for label in labels if label.strip()]
    return len(words) >= FEWEST and sum(_is_named(parts) for parts in words) >= NAMES * len(words)


def are_homes(labels: Collection[str]) -> bool:
    """Whether many of these labels (each once) are addresses: a number, then the name of a street. O(labels).

    >>> are_homes(["12 Main Street", "14 Main Street", "7 rue Saint-Denis", "Park"])
    True
    >>> are_homes(["42nd Precinct", "Ward 7", "100 Mile House", "Riverdale"])
    False
    """
    words = [label.strip() for label in labels if label.strip()]
    houses = sum(bool(HOUSE.fullmatch(word)) and not ORDINAL.fullmatch(word) for word in words)
    return houses >= 2 and houses >= HOMES * len(words)


def _is_named(parts: list[str]) -> bool:
    """One to five words, of which one is a given name and none a word for a place."""
    words = set(parts)
    return len(parts) <= 5 and bool(words & GIVEN) and not words & PLACES
