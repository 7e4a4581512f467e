"""A town's own description of its file: a small TOML text that names columns, dates, zone, coordinates, categories."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from peelian.errors import InputError, sentence
from peelian.measure.categories import CATEGORIES
from peelian.technologies.mapping.formats.coordinates import crs_named
from peelian.technologies.mapping.formats.date_order import ORDERS
from peelian.technologies.mapping.formats.zones import zone_named

ROLES: Mapping[str, str] = {
    "date": "date, or start of the time interval",
    "time": "time of day for date, if in its own column",
    "end": "end of the time interval",
    "end_time": "time of day for end, if in its own column",
    "known": "when police knew: report time, or else last update",
    "x": "longitude in degrees, or easting in the projection crs",
    "y": "latitude in degrees, or northing in the projection crs",
    "category": "offence category or code",
    "area": "area name",
}
SETTINGS: Mapping[str, str] = {
    "zone": "time zone, an IANA name such as America/Toronto",
    "crs": "EPSG code of x and y, if not longitude and latitude",
    "order": "date order: mdy (01/02/24 is 2 January), dmy (1 February) or ymd (24/02/01 is 1 February 2024)",
    "source": "source of the records",
    "attribution": "attribution required by the licence",
    "one_category": "general category of every row, if there is no category column",
}
LONGEST_TEXT, LONGEST_LINE = 200, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a description says: role → column, the settings, and the town's codes → general categories."""

    columns: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)


def description(text: str) -> Description:
    """The description in a TOML text; InputError names what is wrong and what is accepted.

    >>> d = description('zone = "America/Toronto"\\n[columns]\\ndate = "Occurred"\\n[categories]\\nB1 = "robbery"')
    >>> d.columns, d.settings, d.categories
    ({'date': 'Occurred'}, {'zone': 'America/Toronto'}, {'b1': 'robbery'})
    """
    if any(len(line) > LONGEST_LINE for line in text.splitlines()):  # a long dotted key takes the square of its length
        accepted = sentence("lines of at most %(n)d characters", n=LONGEST_LINE)
        raise InputError("line too long", file="description", accepted=accepted)
    try:
        read = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        says = sentence("not valid TOML: %(why)s", why=str(error))
        raise InputError(says, file="description", accepted="docs/reference/formats.md") from None
    settings = {key: value for key, value in read.items() if key not in ("columns", "categories")}
    made = Description(
        columns=_texts(read.get("columns", {}), ROLES, "columns"),
        settings=_texts(settings, SETTINGS, "a TOML description"),
        categories={
            code.casefold(): word for code, word in _texts(read.get("categories", {}), None, "categories").items()
        },
    )
    _refuse(made)
    return made


def with_options(made: Description, options: Mapping[str, str]) -> Description:
    """The description with what the options say laid over it."""
    over = Description(
        columns={**made.columns, **{role: options[role] for role in ROLES if role in options}},
        settings={**made.settings, **{name: options[name] for name in SETTINGS if name in options}},
        categories=made.categories,
    )
    _refuse(over)
    return over


def _texts(table: Any, known: Mapping[str, str] | None, where: str) -> dict[str, str]:
    if not isinstance(table, dict):
        says = sentence("%(where)s is not a table", where=sentence(where))
        raise InputError(says, file="description", accepted="name = text, one per line")
    for key, value in table.items():
        if known is not None and key not in known:
            says = sentence("unknown key in %(where)s: %(key)s", where=sentence(where), key=key[:40])
            raise InputError(says, file="description", accepted=", ".join(known))
        if not isinstance(value, (str, int)) or len(str(value)) > LONGEST_TEXT:
            says = sentence("%(key)s is not text", key=key[:40])
            raise InputError(says, file="description", accepted="text of at most 200 characters")
    return {str(key): str(value) for key, value in table.items()}


def _refuse(made: Description) -> None:
    if "zone" in made.settings:
        zone_named(made.settings["zone"])
    crs_named(made.settings.get("crs", ""))
    if made.settings.get("order", "mdy") not in ORDERS:
        raise InputError("unknown date order", accepted=", ".join(ORDERS))
    for word in [
        *made.categories.values(),
        *([made.settings["one_category"]] if "one_category" in made.settings else []),
    ]:
        if word not in CATEGORIES:
            says = "unknown category"
            raise InputError(says, column="categories", accepted=", ".join(CATEGORIES))
