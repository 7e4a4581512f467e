"""Weather for the alarm console: the newest reading of each weather station, sealed beside the log for two hours.

It is of a place and of nobody. Losing it loses no alarm.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken

from peelian.kernel.model.watch import Reading
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.drafts import cipher_of

WEATHER = "weather"  # a kind of ticket, and what seals it
KEPT = timedelta(hours=2)
MEASURES = ("celsius", "wind", "gust", "rain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What one station said last: degrees Celsius, metres per second, millimetres; None for what it does not say."""

    station: str
    at: datetime
    celsius: float | None = None
    wind: float | None = None
    gust: float | None = None
    rain: float | None = None


def keep_weather(kernel: Kernel, readings: Iterable[Reading]) -> None:
    """Lay out stations' newest readings in the place of the ones before. O(readings)."""
    if not (newest := tuple(readings)):
        return
    cipher, rows = cipher_of(kernel, WEATHER), {}
    for one in newest:
        values = {name: round(one.values[name], 1) for name in MEASURES if name in one.values}
        body = {"station": one.sensor, "at": one.time.isoformat(), **values}
        rows[one.sensor] = cipher.encrypt(json.dumps(body).encode()).decode()
    kernel.stores.tickets.put_all(WEATHER, rows, kernel.now())
    kernel.stores.tickets.forget(WEATHER, kernel.now() - KEPT)


def weather_now(kernel: Kernel) -> list[Weather]:
    """What stations said within two hours, by name; nothing of a row that was altered. O(stations)."""
    cipher, found = cipher_of(kernel, WEATHER), []
    for _, text in sorted(kernel.stores.tickets.all(WEATHER)):
        try:
            body = json.loads(cipher.decrypt(text))
        except InvalidToken:
            continue
        found.append(Weather(**{**body, "at": datetime.fromisoformat(body["at"])}))
    return [one for one in found if one.at >= kernel.now() - KEPT]
