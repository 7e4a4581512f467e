"""Guesses which columns of an unknown table hold date, place and category, by their names alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from peelian.errors import ColumnMissing, InputError, sentence
from peelian.technologies.mapping.formats.areas import NAMES

Names = tuple[str, ...]

STARTS: Names = (
    "datetimefrom",
    "date start",
    "start date",
    "start datetime",
    "from date",
    "date from",
    "occurred from",
)
STARTS += ("start", "start time", "cmplnt fr dt", "from datetime", "occ start", "earliest")
STARTS += (
    "offense start datetime",
    "offence start datetime",
    "offense start date",
    "first occurrence date",
    "begindate",
)
STARTS += ("begin date", "occ from date", "occurred from date", "occurrence from date", "occurrence start date")
ENDS: Names = ("datetimeto", "date end", "end date", "end datetime", "to date", "date to", "occurred to")
ENDS += ("end", "end time", "cmplnt to dt", "to datetime", "occ end", "latest")
ENDS += ("offense end datetime", "offence end datetime", "offense end date", "last occurrence date", "enddate")
ENDS += ("occ to date", "occurred to date", "occurrence to date", "occurrence end date")
DATES: Names = (
    "occurred",
    "occurred on",
    "occurred at",
    "occurrence date",
    "occurrencedate",
    "occ date",
    "date occurred",
)
DATES += ("incident datetime", "incident date time", "occurred date time", "crimedatetime", "crime date time")
DATES += ("occurrence datetime", "offense datetime", "occurred date", "incident timestamp", "datetime occurred")
DATES += ("date occ", "incident date", "offense date", "offence date", "crime date", "datetime")
DATES += (
    "date time",
    "date",
    "date single",
    "date utc",
    "date local",
    "timestamp",
    "occurred on date",
    "date of occurrence",
)
DATES += ("dispatch date time", "dispatch date", "timecreate", "month", "date de l'incident", "jour", "datum", "fecha")
TIMES: Names = (
    "time",
    "occurred time",
    "time occ",
    "incident time",
    "occurrence time",
    "cmplnt fr tm",
    "hour",
    "occ hour",
)
TIMES += ("occurrencehour", "start hour", "heure")
END_TIMES: Names = ("cmplnt to tm", "end hour", "to time")
KNOWN: Names = ("report time", "reported", "reported on", "report date", "date reported", "reported date", "date rptd")
KNOWN += ("rpt dt", "reported datetime", "last updated", "updated on", "last update", "updated at")
LONGITUDES: Names = ("longitude", "lon", "long", "lng", "long wgs84", "x wgs84", "geo lon", "longitude x", "centerlong")
LONGITUDES += ("point x", "gps longitude", "longitud", "laenge", "länge")
LATITUDES: Names = ("latitude", "lat", "lat wgs84", "y wgs84", "geo lat", "latitude x", "latitude y", "centerlat")
LATITUDES += ("point y", "gps latitude", "latitud", "breite")
EASTS: Names = ("x", "x coordinate", "x coord", "easting", "east", "x coord cd")
NORTHS: Names = ("y", "y coordinate", "y coord", "northing", "north", "y coord cd")
CATEGORIES: Names = (
    "category",
    "crime category",
    "crime type",
    "offense type",
    "offence type",
    "offense",
    "offence",
    "class",
)
CATEGORIES += ("crime", "type", "incident type", "primary type", "offense category", "offence category", "ofns desc")
CATEGORIES += ("mci category", "mci", "crm cd desc", "categorie", "catégorie", "offense code group", "ucr description")
CATEGORIES += ("incident category", "offense parent group", "highest offense description", "text general code")
CATEGORIES += ("offense category id", "offense type id", "offense description", "offence description", "offense desc")
CATEGORIES += ("offence summary", "primary violation", "occurrence type group", "occurrence category", "typetext")
CATEGORIES += ("ucr 1 category", "call type", "delikt", "delito")
AREAS: Names = tuple(name for name in NAMES if name not in ("name", "nom"))  # here a name may be a person's
NOT_INCIDENTS: Names = ("object of search", "self defined ethnicity", "officer defined ethnicity", "stop date")
NOT_INCIDENTS += ("subject race", "arrestee", "arrest date", "arrest key", "perp race", "citation number")


def guessed(header: tuple[str, ...], stated: Mapping[str, str], *, projected: bool) -> dict[str, str]:
    """Role → column of `header`: what is `stated` first, then names that say plainly what they hold.

    `projected`: x and y are metres or feet of a stated projection. InputError where date or place is not found, or a
    stated column is not there.

    >>> guessed(("Offense_Date", "lon", "LAT", "notes"), {}, projected=False)
    {'date': 'Offense_Date', 'x': 'lon', 'y': 'LAT'}
    """
    plain = {plain_words(name): name for name in reversed(header)}
    if acts := _first(plain, NOT_INCIDENTS):
        says = "this looks like a record of stops, searches or arrests"
        raise InputError(says, row=1, column=acts, accepted="reported incidents")
    roles = _stated(plain, stated)
    start, end = _first(plain, STARTS), _first(plain, ENDS)
    if "date" not in roles and start and (end or not _first(plain, DATES)):
        roles["date"] = start
        if end:
            roles.setdefault("end", end)
    _fill(roles, plain, (("date", DATES), ("known", KNOWN), ("category", CATEGORIES), ("area", AREAS)))
    times = (("time", TIMES), ("end_time", END_TIMES))
    _fill(roles, plain, [pair for pair in times if pair[0] == "time" or "end" in roles])
    _fill(roles, plain, (("x", EASTS), ("y", NORTHS)) if projected else (("x", LONGITUDES), ("y", LATITUDES)))
    _refuse(roles, plain, projected)
    return roles


def plain_words(name: str) -> str:
    """A column's name in small letters with blanks for underscores and dashes."""
    return " ".join(name.replace("_", " ").replace("-", " ").replace("\ufeff", "").casefold().split())


def _stated(plain: Mapping[str, str], stated: Mapping[str, str]) -> dict[str, str]:
    roles = {}
    for role, column in stated.items():
        if plain_words(column) not in plain:
            known = ", ".join(plain.values())[:300]
            says = sentence("unknown column for %(role)s", role=role)
            raise InputError(says, row=1, column=column, accepted=sentence("one of: %(known)s", known=known))
        roles[role] = plain[plain_words(column)]
    return roles


def _first(plain: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((plain[name] for name in names if name in plain), "")


def _fill(roles: dict[str, str], plain: Mapping[str, str], pairs: Iterable[tuple[str, Names]]) -> None:
    for role, names in pairs:
        column = _first(plain, tuple(plain_words(name) for name in names))
        if role not in roles and column and column not in roles.values():
            roles[role] = column


def _refuse(roles: Mapping[str, str], plain: Mapping[str, str], projected: bool) -> None:
    known = ", ".join(plain.values())[:300]
    if "date" not in roles:
        accepted = sentence("the option date naming one of: %(known)s", known=known)
        raise InputError("no date column found", row=1, accepted=accepted)
    if "x" in roles and "y" in roles:
        return
    if not projected and _first(plain, EASTS) and _first(plain, NORTHS):
        says = "coordinate system of x and y not given"
        raise InputError(
            says,
            row=1,
            accepted="the option crs, such as crs=EPSG:26917 (your town's code) or crs=EPSG:4326 for degrees",
        )
    if not projected and {"x", "y"} & set(roles):
        missing, option = ("latitude", "y") if "x" in roles else ("longitude", "x")
        accepted = sentence("the option %(role)s naming one of: %(known)s", role=option, known=known)
        raise ColumnMissing(sentence("no %(role)s column found", role=missing), row=1, accepted=accepted)
    accepted = sentence("options x and y naming two of: %(known)s", known=known)
    error = ColumnMissing if "category" in roles else InputError
    raise error("no longitude and latitude columns found", row=1, accepted=accepted)
