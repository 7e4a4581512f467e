"""Yearly counts by area, public only with noise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import InputError, out_of_range
from peelian.kernel.model.capability import Asks, Capability, Emit, Findings, Noisy, Purpose, Read, Role, deferred
from peelian.measure.categories import CATEGORIES, DISCOVERED
from peelian.measure.table import Kind
from peelian.technologies.mapping.declarations.places import ALL_REPORTED, CATEGORY
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

MILLI_EPSILON = 1_000
LEAST, MOST = 1970, 2100
COLUMNS: Mapping[str, Kind] = {"area": Kind.PLACE, "n": Kind.COUNT}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountParams:
    """Which incidents, of which year."""

    year: int = field(metadata={"help": "Calendar year, local time"})
    category: str = field(default=ALL_REPORTED, metadata=CATEGORY)


def check(params: CountParams) -> None:
    """InputError where a parameter cannot be."""
    known = (ALL_REPORTED, *sorted(set(CATEGORIES) - set(DISCOVERED)))
    if params.category not in known:
        raise InputError("counts of this category cannot be published", column="category", accepted=", ".join(known))
    if not LEAST <= params.year <= MOST:
        raise out_of_range("year", LEAST, MOST)


def _year(findings: Findings) -> tuple[str, str]:
    year = re.sub(r"\D", "", str(findings.facts["year"]))[:4]
    return f"{year}-01-01", f"{year}-12-31"


COUNTS = Capability(
    id="mapping.counts",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Recorded incidents by area",
    about="Counts one year's recorded incidents by area. Published counts carry noise that is drawn once.",
    asks=Asks(
        params=CountParams,
        titled=about("%(category)s by area, %(year)s"),
        check=check,
        purposes=frozenset({Purpose.OVERSIGHT, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.PRIVACY_OFFICER, Role.BOARD}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas"),
    ),
    emits=(Emit(table="counts", columns=COLUMNS), TOWN_MAP),
    noise=Noisy(
        table="counts",
        column="n",
        role="incidents",
        milli_epsilon=MILLI_EPSILON,
        period=_year,
        about=lambda findings: str(findings.facts["category"]),
        plain=frozenset({"year", "reach", "milli_epsilon"}),
    ),
    arithmetic=deferred("peelian.technologies.mapping.counting:ARITHMETIC"),
)
