"""Toronto's Major Crime Indicators: the portal's older header and its current one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.kernel.model.formats import Format
from peelian.measure.table import Table
from peelian.technologies.mapping.formats import codes
from peelian.technologies.mapping.formats.drops import Drops
from peelian.technologies.mapping.formats.incident_parts import parted
from peelian.technologies.mapping.formats.incidents import NEVER, OPTIONS, Part, Town, streamed, words_of
from peelian.technologies.mapping.formats.places import points
from peelian.technologies.mapping.formats.whens import Hours, known_from, when, whole_day, with_hour
from peelian.technologies.mapping.formats.zones import usual_longitude

ZONE = "America/Toronto"
TOWN = Town(
    zone=ZONE,
    source="Toronto Police Service, Major Crime Indicators",
    attribution="Contains information licensed under the Open Government Licence - Toronto",
)


def older_part(text: Table, options: Mapping[str, str], drops: Drops) -> Part:
    """Rows under the older header: occurrencedate is the local day, written plainly or as its midnight in UTC."""
    return _part(text, drops, ("occurrencedate", "occurrencehour", "mci", "neighbourhood"), ("long", "lat"), "")


def current_part(text: Table, options: Mapping[str, str], drops: Drops) -> Part:
    """Rows under the current header: OCC_DATE and REPORT_DATE, each with its hour beside it."""
    area = next((name for name in ("neighbourhood_158", "neighbourhood_140", "hood_158") if name in text), "")
    names = ("occ_date", "occ_hour", "mci_category", area)
    return _part(text, drops, names, ("long_wgs84", "lat_wgs84"), "report_date")


def _part(text: Table, drops: Drops, names: tuple[str, str, str, str], at: tuple[str, str], report: str) -> Part:
    day, hour, category, place = names
    rows = text["row"]
    first, last, kept = when(text[day], day, rows, drops, ("mdy", ZONE))
    first, last = whole_day(first)  # a time of day is the day's midnight in UTC; the hour stands beside it
    if hour in text:
        first, last, timed = with_hour(first, last, text[hour], hour, (rows, drops))
        kept &= timed
    lon, lat, placed = points((text[at[0]], text[at[1]]), at, rows, drops, usual_longitude(ZONE))
    known: Hours = np.full(len(rows), NEVER)
    if report and report in text:
        known, reported = known_from(text[report], report, rows, drops, ("mdy", ZONE))
        _, known = whole_day(known)
        kept &= reported
    code, area = words_of(text, category), words_of(text, place).mapped(_without_number)
    part = Part(row=rows, code=code, start=first, end=last, known=known, lon=lon, lat=lat, area=area)
    return part.take(kept & placed)


def _without_number(area: str) -> str:
    """ "Yonge-St.Clair (97)" → "Yonge-St.Clair": areas join by name, and numbers changed with the count of areas."""
    if area.upper().startswith("NSA"):
        return ""
    return area.rpartition(" (")[0] if area.endswith(")") and " (" in area else area


TORONTO_OLDER = Format(
    id="toronto-mci-older",
    title="Toronto Major Crime Indicators, header until 2021",
    shape="incidents",
    required=frozenset({"occurrencedate", "occurrencehour", "mci", "neighbourhood", "lat", "long"}),
    columns=frozenset({"occurrencedate", "occurrencehour", "mci", "neighbourhood", "lat", "long"}),
    stream=streamed(older_part, TOWN, codes.TORONTO),
    parted=parted(older_part, TOWN, codes.TORONTO),
    options=OPTIONS,
    kinds=("csv", "parquet"),
    packed=frozenset({"occurrencedate"}),
    numbers=frozenset({"lat", "long", "occurrencehour"}),
)
TORONTO = Format(
    id="toronto-mci",
    title="Toronto Major Crime Indicators, current header",
    shape="incidents",
    required=frozenset({"event_unique_id", "report_date", "occ_date", "mci_category", "long_wgs84", "lat_wgs84"}),
    columns=frozenset(
        {"report_date", "occ_date", "occ_hour", "mci_category", "long_wgs84", "lat_wgs84"}
        | {"neighbourhood_158", "neighbourhood_140", "hood_158"}
    ),
    stream=streamed(current_part, TOWN, codes.TORONTO),
    parted=parted(current_part, TOWN, codes.TORONTO),
    options=OPTIONS,
    kinds=("csv", "parquet", "geojson", "json"),
    packed=frozenset({"report_date", "occ_date"}),
    numbers=frozenset({"long_wgs84", "lat_wgs84", "occ_hour"}),
)
