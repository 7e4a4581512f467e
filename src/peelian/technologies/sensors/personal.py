"""Names of fields that tell of a person, a vehicle or a device of the public: an early warning, no limit.

Whoever takes the wrong field learns it at once. Another language's word passes (`kenteken`, `placa`): what a declared
field can put out is held by what is read (`measures`, `plausible`), a number of its kind in its range.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from peelian.errors import InputError, Reason, Refused, sentence

WORDS = frozenset({
    "alpr", "anpr", "audio", "badge", "bssid", "driver", "email", "face", "faces", "human", "image", "imei", "imsi",
    "lpr", "mac", "owner", "passenger", "person", "personne", "phone", "photo", "plaque", "plate", "plates", "track",
    "trajectory", "user", "vehicle", "video", "visage",
})  # fmt: skip
"""Whole words of a name, as `plate` in `plate_number` and `plateNumber`."""

STEMS = ("licenseplate", "licenceplate", "immatricul", "macaddr", "adressemac", "trajector", "biometr", "rtsp")
"""Parts of a name that is written in one word."""

COUNTED = frozenset({"person", "human", "personne", "vehicle", "passenger"})
COUNTS = frozenset({"count", "counts", "counter", "total", "sum", "in", "out", "nombre", "intensity"})
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_personal(name: str) -> bool:
    """Whether a field of this name tells of somebody. A number of persons or vehicles does not. O(characters).

    >>> is_personal("plateNumber"), is_personal("mac_address"), is_personal("personCount"), is_personal("interface")
    (True, True, False, False)
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = {word.lower() for word in PART.findall(plain)}
    squeezed = re.sub(r"[^a-z]", "", plain.lower())
    told = words & WORDS
    if told <= COUNTED and words & COUNTS:
        told = set()
    return bool(told) or any(stem in squeezed for stem in STEMS)


@lru_cache(maxsize=4_096)
def must_all_be_harmless(names: tuple[str, ...]) -> None:
    """The same of every part of declared names and pointers, for the gateway: O(1) once they were found harmless."""
    for name in names:
        for part in name.split("/"):
            must_be_harmless(part, "columns")


def must_be_harmless(name: str, column: str) -> None:
    """Refused where a declaration names a field that tells of somebody; the field's name is told."""
    if not name.isascii():
        raise InputError("not a field name", column=column, accepted="plain letters, digits and dashes")
    if is_personal(name):
        raise Refused(
            [
                Reason(
                    rule="nothing_that_follows_comes_in",
                    says=sentence("Field %(name)s tells of a person, a vehicle or a device of the public", name=name),
                    remedy="Leave this field out at the sensor. It cannot be declared, not even to be dropped.",
                    field=name[:40],
                )
            ]
        )
