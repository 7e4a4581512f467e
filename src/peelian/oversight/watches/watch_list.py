"""The watches of an office: which stand, over what, until when; and their zones."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import destroyed_on


def watch_rows(kernel: Kernel) -> list[dict[str, Any]]:
    """Each watch that was permitted and is not destroyed, oldest first, as plain values. O(watches)."""
    watching = kernel.state.alarms
    return [
        {
            "case": case,
            "watch": one.permit.watch,
            "sensors": len(one.request.sensors),
            "exercise": one.request.exercise,
            "until": one.permit.until,
            "ended": case in watching.ended,
            "held": case in watching.on_hold(),
        }
        for case, one in watching.stands.items()
    ]


def watch_titles(kernel: Kernel) -> dict[str, str]:
    """The title of each watch of this office, by its id."""
    return {watch.id: watch.title for technology in kernel.technologies for watch in technology.watches}


def destroyed_watches(kernel: Kernel) -> dict[str, str]:
    """Each watch that was destroyed at the end of its retention: its case and the day."""
    return {case: destroyed_on(kernel, digest) for case, digest in kernel.state.alarms.gone_watches.items()}


def zone_of(area: str) -> str:
    """An area's name as a zone is written.

    >>> zone_of("Place d'Armes"), zone_of("Évangéline 2"), zone_of("1er Quai")
    ('place-d-armes', 'evangeline-2', 'z-1er-quai')
    """
    plain = unicodedata.normalize("NFKD", area).encode("ascii", "ignore").decode().casefold()
    word = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return (word if word[:1].isalpha() else f"z-{word}")[:40].rstrip("-")


def zones(kernel: Kernel) -> dict[str, str]:
    """Every zone that a watch stands over, and every area of a sensor as a zone, each by what people call it.

    Sorted by what they are called. O(sensors).
    """
    stood = {zone for one in kernel.state.alarms.stands.values() for zone in one.request.sensors.values()}
    areas = {listed.sensor.area for listed in the_register(kernel).values()}
    found = {zone: zone.replace("-", " ").capitalize() for zone in stood} | {zone_of(area): area for area in areas}
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))
