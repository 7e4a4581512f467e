"""Yearly counts by area, public only with noise."""

from __future__ import annotations

import re
from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, Capability, Findings, Noisy, Purpose, Read, Role, deferred
from peelian.kernel.model.parameters import REQUIRED, number
from peelian.kernel.model.tables import Emit, count, place
from peelian.measure.categories import DISCOVERED
from peelian.technologies.mapping.declarations.places import NAMES, offences
from peelian.technologies.mapping.declarations.titles import about
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

MILLI_EPSILON = 1_000
BY_AREA = Emit(table="counts", title="yearly counts by area", columns={"area": place("Area"), "n": count("Recorded")})


@dataclass(frozen=True, slots=True, kw_only=True)
class CountParams:
    """Which incidents, of which year."""

    year: int = number(REQUIRED, "Calendar year, local time", 1970, 2100)
    category: str = offences({word: title for word, title in NAMES.items() if word not in DISCOVERED})


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
        purposes=frozenset({Purpose.OVERSIGHT, Purpose.AUDIT}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.PRIVACY_OFFICER, Role.BOARD}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas"),
    ),
    emits=(BY_AREA, TOWN_MAP),
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
