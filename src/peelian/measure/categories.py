"""The published list of general categories: the only words an offence may be called once it has passed the door in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Origin(StrEnum):
    """Who brought an incident to light: people who called, or officers who looked.

    Records of the second kind follow patrols (Lum and Isaac 2016, "To predict and serve?"), so they are refused as
    training data unless a recorded decision admits them.
    """

    REPORTED = "reported"
    DISCOVERED = "discovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One general category: its word in data, its English title (a message id), and who brings it to light."""

    word: str
    title: str
    origin: Origin


OTHER_REPORTED = "other_reported"
"""Where a never-seen code goes: it is counted and said, and stays with reported incidents."""

_REPORTED = {
    "assault": "Assault",
    "robbery": "Robbery",
    "homicide": "Homicide",
    "sexual_offence": "Sexual offence",
    "violence_and_sexual_offences": "Violence and sexual offences",
    "person_offence": "Offence against a person",
    "threats_and_harassment": "Threats and harassment",
    "kidnapping": "Kidnapping",
    "offence_involving_children": "Offence involving children",
    "break_and_enter": "Break and enter",
    "vehicle_theft": "Theft of a vehicle",
    "theft_from_vehicle": "Theft from a vehicle",
    "vehicle_crime": "Theft of or from a vehicle",
    "bicycle_theft": "Theft of a bicycle",
    "theft_from_person": "Theft from a person",
    "shoplifting": "Shoplifting",
    "theft": "Theft",
    "fraud": "Fraud",
    "arson": "Arson",
    "criminal_damage": "Damage to property",
    "antisocial_behaviour": "Anti-social behaviour",
    "traffic_collision": "Traffic collision",
    OTHER_REPORTED: "Other reported incident",
}
_DISCOVERED = {
    "drugs": "Drugs",
    "weapons": "Possession of a weapon",
    "public_order": "Public order",
    "sex_work": "Sex work",
    "gambling": "Gambling",
    "liquor": "Liquor law",
    "trespass": "Trespass",
    "interference_with_police": "Interference with police",
    "administration_of_justice": "Administration of justice",
    "traffic_offence": "Traffic offence",
    "other_discovered": "Other incident discovered by police",
}

CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {
        word: Category(word=word, title=title, origin=origin)
        for origin, titles in ((Origin.REPORTED, _REPORTED), (Origin.DISCOVERED, _DISCOVERED))
        for word, title in titles.items()
    }
)
"""Every general category by its word, reported ones first."""

DISCOVERED = frozenset(_DISCOVERED)
"""The words of the categories that police themselves discover."""
