"""The random sample of a month's recordings that supervisors review."""

from __future__ import annotations

import re
from dataclasses import dataclass

from peelian.errors import sentence
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, deferred
from peelian.kernel.model.parameters import REQUIRED, number, text
from peelian.kernel.model.tables import count, group, time
from peelian.technologies.footage.activation.declared import DECIDERS, OVERSEERS
from peelian.technologies.footage.shapes import RECORDINGS

MONTH = (re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"), "a year and a month, for example 2026-03")
SAMPLED = Emit(
    table="sample",
    title="recordings drawn for review",
    columns={"row": count("List row", "rank"), "unit": group("Unit"), "started": time("Start hour (UTC)")},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleParams:
    """Which month, and how many recordings."""

    month: str = text(REQUIRED, "Month to review, for example 2026-03", form=MONTH)
    size: int = number(20, "Number of recordings to draw", 1, 1_000)


SAMPLE = Capability(
    id="footage.sample",
    warrant="No warrant needed, because it reads when cameras were on, and no picture or sound.",
    title="Random sample for supervisor review",
    about=(
        "Draws a month's recordings at random, so supervisors do not choose whom they review. The same "
        "list and settings always give the same draw."
    ),
    asks=Asks(
        params=SampleParams,
        titled=lambda params: sentence("Random sample for supervisor review, %(month)s", month=params["month"]),
        purposes=frozenset({Purpose.AUDIT, Purpose.OVERSIGHT}),
        askers=OVERSEERS,
        deciders=DECIDERS,
    ),
    reads=(Read(role="recordings", title="recordings", shape=RECORDINGS),),
    emits=(SAMPLED,),
    arithmetic=deferred("peelian.technologies.footage.sample.case:ARITHMETIC"),
)
