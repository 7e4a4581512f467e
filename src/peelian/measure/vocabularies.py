"""Public vocabularies: words that stand in published classifications, and so can name nobody.

A label made of such words needs nobody's leave: sex, age bands, the groups that censuses of Canada, the United States
and the United Kingdom count, in English and French, and kinds of places after OpenStreetMap's keys. Any other label has
to be in the office's own register (`kernel/records/label_register`). It is a closed list: what is not in it is no word
of it, whatever it looks like. Facts from: Statistics Canada, Visible minority and population group reference guide
(2021); US OMB Directive 15; ONS harmonised ethnic groups (2021); OpenStreetMap wiki, Map features.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PEOPLE = """
    female male woman women man men another other others unknown none all total not stated known available missing
    reported declared specified non binary nonbinary transgender gender sex intersex x f m femme femmes homme hommes
    autre autres inconnu inconnue inconnus tous toutes non declare indique precise
    aboriginal african alaska alaskan america american arab asian australian bangladeshi black blacks british caribbean
    caucasian central chinese east eastern english ethnic ethnicity european filipino filipina first first nations
    nation gypsy hawaiian hispanic indian indigenous inuit irish islander israeli japanese jewish korean latin latina
    latino latinx lebanese métis middle minority minorities mixed moroccan multiple native north northern pacific
    pakistani people peoples person persons populations population race racial racialized roma romani samoan scottish
    somali south southeast southern southwest status torres strait traveller vietnamese visible welsh west western
    white whites buddhist catholic christian hindu jew muslim protestant religion religious sikh
    aine ancetres appartenance arabe arabes asiatique asiatiques autochtone autochtones blanc blanche blanches blancs
    caribeen chinois chinoise coreen coreenne est europeen europeenne groupe groupes latino americain americaine
    indien indienne japonais japonaise metis minorite minorites moyen multiple noir noire noires noirs occidentale
    orient oriental orientale ouest philippin philippine premieres visible visibles sud nord juif juive musulman
    musulmane chretien chretienne
    low high middle medium income lim poor deprived quintile quartile decile tenth third half faible eleve revenu
    youth young adult adults child children senior seniors teen elderly jeune jeunes adulte adultes enfant enfants aines
    renter renters owner owners tenant tenants household households family families lone parent parents
    citizen citizens immigrant immigrants newcomer newcomers refugee refugees resident residents nonresident permanent
    temporary single married divorced widowed separated common law employed unemployed student retired homeless housed
    rural urban yes no true false both neither some any and or of the with without in only identity born speaking
    less than greater more under over from to between up years year old age aged ans moins plus de a et ou
    felony misdemeanor misdemeanour violation infraction violent nonviolent property drug traffic
    no yes oui vrai faux
    cat category class band colour color complexion language origin score decile charge degree priors prior count juv
    juvenile fel misd offence offense type length stay days previous arrests convictions region deprivation disability
    lighter darker light dark skin tone type monk fitzpatrick i ii iii iv v vi dark brown
"""
PEOPLE = frozenset("".join(c for c in unicodedata.normalize("NFKD", _PEOPLE) if not unicodedata.combining(c)).split())
"""Words by which censuses and forms group people, without accents."""

_PLACES = """
    alley amenity arts_centre atm attraction bank bar bar_or_club bench bicycle_parking bicycle_rental biergarten
    brothel bridge building bureau_de_change bus_station bus_stop cafe car_park car_rental car_wash casino cemetery
    charging_station childcare church cinema clinic club college commercial community_centre construction
    convenience_store courthouse crossing dance dentist department_store doctors dog_park drinking_water embassy
    entertainment events_venue factory farm fast_food fast_food_outlet ferry_terminal fire_station fitness_centre food
    food_court fountain fuel gallery gambling garage garden gas_station golf_course government grave_yard grocery
    hairdresser halfway_house harbour highway hospital hostel hotel ice_rink industrial junction kindergarten
    kiosk laundry laundromat library liquor_store lodging lounge mall marina market marketplace memorial metro_station
    money_lender mosque motel museum music_venue nature_reserve nightclub nursery_school nursing_home office park
    parking parking_garage parking_lot pawnbroker pawn_shop payday_lender pharmacy place_of_worship platform playground
    plaza police post_box post_office prison pub public_building public_transport railway_station recycling
    residential resort rest_area restaurant retail school shelter shop shopping_centre shopping_mall social_facility
    sports_centre square stadium station stop stripclub studio subway_entrance subway_station supermarket swimming_pool
    synagogue taxi temple terminal theatre toilets town_hall tram_stop transit_stop treatment_centre underpass
    university vacant vacant_building vacant_lot vending_machine veterinary warehouse water zoo abandoned_building
    abandoned_house alcohol banks bars bus_stops cafes churches gas_stations hotels hospitals libraries liquor_stores
    nightclubs parks pharmacies pubs restaurants schools shops stations stops vacant_buildings vacant_lots
"""
LANDMARKS = frozenset(_PLACES.split())
"""Kinds of places after OpenStreetMap's keys (amenity, shop, leisure, public_transport, building, landuse)."""

FUNCTIONS = (
    "airport", "beach", "campus", "cemetery", "downtown", "ferry_terminal", "festival_ground", "harbour",
    "hospital_ground", "industrial_area", "market", "park", "parking", "public_square", "road", "school_ground",
    "shopping_centre", "sports_ground", "stadium", "station", "street_crossing", "town_hall", "trail", "transit_stop",
    "waterfront",
)  # fmt: skip
"""Public functions that an area may have in the place of residents."""

_WORD = re.compile(r"[^\W_]+")
_BAND = re.compile(r"[<>≤≥=]{0,2}\s?(?P<low>\d{1,3}(\.\d{1,2})?)\s?([-–:]\s?(?P<high>\d{1,3}(\.\d{1,2})?)|\+)?")
_UNDER = re.compile(r"(less than|greater than|more than|under|over|up to|moins de|plus de)\s(?P<low>\d{1,3})")
_AGES = re.compile(r"([0-9]{1,3})-([0-9]{1,3})|([0-9]{1,3})\+|<([0-9]{1,3})")
OLDEST = 130  # years, at the end of a band
MOST_LABEL = 120


def plain(label: str) -> str:
    """A label as two spellings of it agree: letters and digits without case, accents or punctuation. O(characters).

    >>> plain("L'Amoreaux") == plain("LAMOREAUX"), plain("St. James-Town")
    (True, 'st james town')
    """
    return " ".join(_WORD.findall(re.sub("['\u2019]", "", bare(label))))


def bare(label: str) -> str:
    """A label without case, accents, underscores, and blanks at its ends. O(characters)."""
    parts = label.casefold()
    if not parts.isascii():
        parts = "".join(c for c in unicodedata.normalize("NFKD", parts) if not unicodedata.combining(c))
    return " ".join(parts.replace("_", " ").split())


@lru_cache(maxsize=4096)
def is_public_group(label: str) -> bool:
    """Whether a label consists of words of public classifications of people, or is a band of numbers. O(characters).

    >>> [is_public_group(one) for one in ("African-American", "25 - 45", "white_female", "Less than 25", "0", "")]
    [True, True, True, True, True, True]
    >>> [is_public_group(one) for one in ("John Smith", "badge 4711", "47.11", "471-138")]
    [False, False, False, False]
    """
    if len(label) > MOST_LABEL:
        return False
    text = bare(label)
    if not text or _is_band(text):
        return True
    words = _WORD.findall(text)
    return bool(words) and all(word in PEOPLE for word in words)


def _is_band(text: str) -> bool:
    """Whether a text is a number of at most two digits, or a band: from a number up to another, or open, with at most
    two digits besides zeros. Any other number may be somebody's: a badge, a house, a telephone. O(1)."""
    found = _BAND.fullmatch(text) or _UNDER.fullmatch(text)
    if not found:
        return False
    low, high = found["low"], found.groupdict().get("high")
    if high is not None:
        return float(low) < float(high)
    return (not text.isdigit() or len(text) <= 2) and len(f"{float(low):g}".replace(".", "").strip("0")) <= 2


def is_age_band(text: str) -> bool:
    """Whether a text is a band of ages, the younger one first, or says that there is none. O(1).

    >>> [is_age_band(one) for one in ("18-24", "65+", "<18", "unknown", "471-138", "416-999")]
    [True, True, True, True, False, False]
    """
    found = _AGES.fullmatch(text)
    ages = [int(age) for age in found.groups() if age] if found else [OLDEST + 1]
    return text == "unknown" or (ages == sorted(ages) and ages[-1] <= OLDEST)


def is_public_landmark(label: str) -> bool:
    """Whether a label is a kind of place of the published list.

    >>> is_public_landmark("bus_stop"), is_public_landmark("home_of_suspect_1")
    (True, False)
    """
    return plain(label).replace(" ", "_") in LANDMARKS
