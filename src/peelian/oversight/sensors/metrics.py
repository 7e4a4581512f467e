"""Metrics of sensors for a monitoring program: released counts for anybody, health for who has the office's key."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from peelian.kernel.model.pseudonyms import SENSOR_KEY
from peelian.kernel.records.sensor_register import shown_number
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.sensors.gaps import gaps_of, missing_between
from peelian.oversight.sensors.live import health_of
from peelian.oversight.sensors.register import entries
from peelian.oversight.sensors.release import released_by_sensor
from peelian.technologies.sensors.open_metrics import MEDIA as MEDIA
from peelian.technologies.sensors.open_metrics import Family, Working, health_families, released_families, text


def metrics_key(kernel: Kernel) -> str:
    """What a monitoring program shows to read health, too: derived, nowhere kept, of no person. A sensor's id has no
    blank, so that this is no sensor's key."""
    return kernel.office.token("scrape key", of=SENSOR_KEY)


def is_metrics_key(kernel: Kernel, key: str) -> bool:
    """Whether this is the office's key for metrics, compared in constant time."""
    return hmac.compare_digest(key.encode(), metrics_key(kernel).encode())


def metrics(kernel: Kernel, *, health: bool) -> str:
    """The OpenMetrics text; with `health` also how the listener and each sensor work. O(released days + sensors)."""
    released = {shown_number(kernel, id): days for id, days in released_by_sensor(kernel).items()}
    families = released_families(entries(kernel), released)
    return text([*families, *(_health(kernel) if health else ())])


def _health(kernel: Kernel) -> list[Family]:
    told = health_of(kernel)
    if told is None:
        return []
    known, now = [e.sensor.id for e in entries(kernel) if e.sensor.format and e.state == "registered"], kernel.now()
    heard = {id: told.sensors[id].heard for id in known if id in told.sensors and told.sensors[id].heard}
    working = Working(
        at=told.at,
        connected=told.connected,
        heard={id: datetime.fromisoformat(at).astimezone(UTC) for id, at in heard.items()},
        refused={id: told.sensors[id].refused if id in told.sensors else 0 for id in known},
        faults={id: id in kernel.state.alarms.faults for id in known},
    )
    gaps = [gap for gap in gaps_of(kernel) if not gap.sensor and gap.why != "not listening"]
    return health_families(working, float(missing_between(gaps, now - timedelta(days=1), now)))
