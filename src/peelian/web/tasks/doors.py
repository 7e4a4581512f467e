"""Doors of the tasks: each task of the pages and the API is one, under `POST /{language}/tasks/{id}`."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.acts import registry
from peelian.kernel.model.doors import PERSON, Door, Enters, Leaves, Suspended, doors, reading

READS: Mapping[str, str] = {
    "privileges": "privileges",
}
"""Which tasks leave which read in the log: their pages list people, or offer them as choices."""

_TABLE: tuple[Door, ...] = (
    *doors(
        PERSON,
        Enters.NOTHING,
        Leaves.RECORDS,
        Suspended.GOES_ON,
    ),
    *doors(
        PERSON,
        Enters.WORDS,
        Leaves.NOTHING,
        Suspended.ANY,
        "contact",
        "privileges",
        "produce",
        "rights",
        "vendor",
        "witness",
        "witness-approved",
    ),
    *doors(
        PERSON,
        Enters.WORDS,
        Leaves.NOTHING,
        Suspended.GOES_ON,
        "tool-move",
        "tool-report",
    ),
    *doors(
        PERSON,
        Enters.WORDS,
        Leaves.ALARMS,
        Suspended.GOES_ON,
    ),
    *doors(
        PERSON,
        Enters.WORDS,
        Leaves.NOTHING,
        Suspended.STOPS,
        "drift",
        "drift-record",
    ),
)
DOORS: tuple[Door, ...] = (*reading(_TABLE, READS), *registry.doors())
"""Every task by its name (`web/tasks/pages.py`)."""
