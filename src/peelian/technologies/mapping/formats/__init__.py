"""The formats of mapping: how files of incidents, areas and streets become the tables that it reads."""

from __future__ import annotations

from peelian.kernel.model.formats import Format
from peelian.technologies.mapping.formats.areas import AREAS, TORONTO_AREAS
from peelian.technologies.mapping.formats.chicago import CHICAGO, CHICAGO_ONE_YEAR
from peelian.technologies.mapping.formats.generic import GENERIC
from peelian.technologies.mapping.formats.landmarks import LANDMARKS
from peelian.technologies.mapping.formats.police_uk import POLICE_UK
from peelian.technologies.mapping.formats.streets import STREETS
from peelian.technologies.mapping.formats.toronto import TORONTO, TORONTO_OLDER
from peelian.technologies.mapping.formats.vancouver import VANCOUVER
from peelian.technologies.mapping.formats.vendor import PREDPOL
from peelian.technologies.mapping.formats.vendor import VENDOR as VENDOR_AREAS

FORMATS: tuple[Format, ...] = (
    TORONTO,
    TORONTO_OLDER,
    CHICAGO,
    CHICAGO_ONE_YEAR,
    POLICE_UK,
    VANCOUVER,
    PREDPOL,
    VENDOR_AREAS,
    TORONTO_AREAS,
    STREETS,
    AREAS,
    LANDMARKS,
    GENERIC,
)
"""Every format mapping knows; those that are recognised by particular headers first, those that guess last."""
