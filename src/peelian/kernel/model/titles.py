"""Titles of cases: what, where and when, as one sentence with values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peelian.errors import sentence
from peelian.kernel.model.capability import Capability
from peelian.kernel.model.parameters import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """Parameters with a title of the requester's own: no data say which tool, vendor or place is audited.

    Instrument and outcome are words that two people adopted: by them a release is told from one of another instrument.
    """

    title: str = text(
        "",
        "Public title: tool, vendor, place (for example PredPol predictions, Elgin). No personal names",
        letters=100,
    )
    instrument: str = text("", "Instrument audited, as two people adopted its name", labels="instrument")
    outcome: str = text("", "Outcome it is held against, as two people adopted its name", labels="outcome")


def title_of(capability: Capability, params: Mapping[str, Any], asked: str, data: Sequence[str] = ()) -> str:
    """What a case is called, as a sentence with values: by its own title, else as the capability says, else by its
    data or by the day on which it was asked for (`asked`, an ISO time).

    `params` are empty where the request was destroyed. `data` are titles of datasets: staff declare them for staff, so
    for the public none are given.
    """
    use = sentence(capability.title)
    if params.get("title"):
        return sentence("%(title)s", title=str(params["title"]))
    if params and capability.asks.titled:
        return capability.asks.titled(params)
    if data:
        return sentence("%(use)s: %(data)s", use=use, data=", ".join(data))
    return sentence("%(use)s, %(day)s", use=use, day=asked[:10])
