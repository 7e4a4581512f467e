"""Refuse columns and group labels that could identify a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from peelian.errors import InputError, sentence
from peelian.measure.persons import are_homes, are_names

PSEUDONYM = "pid"
"""The only column that may distinguish people. It puts rows of one person together on import and is not kept."""
PACKED = frozenset({PSEUDONYM, PSEUDONYM.upper()})  # one value per person: read without a Python string for each

_TOKENS = frozenset(
    {
        "name", "names", "surname", "forename", "firstname", "lastname", "fullname", "nom", "prenom", "prénom",
        "alias", "nickname", "dob", "birthdate", "birthday", "birth", "naissance", "ssn", "sin", "nas", "passport",
        "passeport", "email", "courriel", "phone", "telephone", "téléphone", "mobile", "address", "adresse", "street",
        "rue", "fingerprint", "mugshot", "photo", "image", "latitude", "longitude", "lat", "lon", "lng", "plate",
        "imei", "ip", "iban", "uuid", "guid",
    }
)  # fmt: skip
_WHOLE = frozenset(
    {
        "id", "person", "personid", "subject", "subjectid", "client", "clientid", "offenderid", "inmateid", "userid",
        "recordid", "first", "last", "middle", "casenumber", "ccasenumber", "rcasenumber", "vrcasenumber",
        "bookingnumber", "arrestnumber", "licencenumber", "licensenumber", "driverslicence", "driverslicense",
        "postcode", "postalcode", "zip", "zipcode", "nationalid", "healthnumber",
    }
)  # fmt: skip
LONGEST_LABEL = 60
MOST_NUMBERS = 20
CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.\w+|(19|20)\d\d-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{2,4}|\+?\d[\d ().-]{8,}\d")


def refuse_identifying(header: Sequence[str], *, areas: Iterable[str] = ()) -> None:
    """InputError where a header has a column that names, numbers, dates or locates a person.

    `areas` are columns the town declared as areas (forward sortation areas, precincts): a postal code is let through
    under that declaration only. The column `pid` may be there; no value of it is kept.

    >>> refuse_identifying(["pid", "score", "outcome", "race"])
    """
    declared = {_plain(name) for name in areas}
    found = sorted(name for name in header if _plain(name) not in declared and _identifies(name))
    if found:
        raise InputError(
            sentence("%(n)d %(n:column of the file identifies|columns of the file identify) a person", n=len(found))
            if found[1:]
            else "the file has a column that identifies a person",
            row=1,
            column=found[0],
            accepted="a file without it (a pseudonym named pid is allowed and not kept)",
        )


def refuse_labels(words: Sequence[str], column: str, *, most: int, numbered: bool = False) -> None:
    """InputError where the labels of a group, feature or area column look like persons rather than groups.

    `numbered`: the column was declared to hold areas, which may have numbers for names.
    """
    if any(len(word) > LONGEST_LABEL for word in words):
        accepted = sentence("labels of at most %(most)d characters", most=LONGEST_LABEL)
        raise InputError("label too long", column=column, accepted=accepted)
    if are_names(words) or are_homes(words):
        raise InputError("labels look like names of people or addresses", column=column, accepted="group labels")
    if any(CONTACT.fullmatch(word) for word in words):
        accepted = "group labels, or option groups=COLUMN,COLUMN without this column"
        raise InputError("label looks like a date, phone number or address", column=column, accepted=accepted)
    if not numbered and sum(_number(word) for word in words) > MOST_NUMBERS:
        accepted = (
            "bands such as 18-24 instead of numbers, area codes under option areas=COLUMN, or option groups= without it"
        )
        raise InputError("labels are numbers with many values", column=column, accepted=accepted)
    if len(words) > most:
        says = sentence("%(n)d different values", n=len(words))
        accepted = sentence("at most %(most)d groups or bands", most=most)
        raise InputError(says, column=column, accepted=accepted)


def _identifies(name: str) -> bool:
    plain = _plain(name)
    if plain == PSEUDONYM:
        return False
    tokens = set(re.split(r"[^0-9a-zà-ÿ]+", name.strip().lower()))
    return plain in _WHOLE or plain in _TOKENS or bool(tokens & _TOKENS) or "id" in tokens


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-zà-ÿ]+", "", name.strip().lower())


def _number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
