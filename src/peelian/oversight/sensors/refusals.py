"""Messages that the gateway refused: which sensor, which field, when; newest first, as the log says."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.records.sensor_register import shown_number
from peelian.kernel.state.kernel import Kernel

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedMessage:
    """One refusal: said once an hour for each field of a sensor. It holds the field's name, never a value."""

    sensor: str
    field: str
    at: str


def refused_messages(kernel: Kernel, most: int = MOST) -> tuple[RefusedMessage, ...]:
    """The newest refusals in the log. O(most)."""
    found = kernel.stores.log.page(most, before=kernel.stores.log.size(), kind="MESSAGE_REFUSED")
    return tuple(
        RefusedMessage(sensor=shown_number(kernel, str(entry["sensor"])), field=str(entry["field"]), at=str(entry["t"]))
        for _, entry in found
    )
