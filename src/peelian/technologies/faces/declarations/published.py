"""The false match rates that NIST published."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.titles import Titled
from peelian.measure.table import Kind
from peelian.technologies.faces.declarations.auditing import audit
from peelian.technologies.faces.declarations.shapes import PUBLISHED

RATIOS = {
    "pairing": Kind.LEVEL, "algorithms": Kind.COUNT, "median_fmr": Kind.AMOUNT, "medians_ratio": Kind.AMOUNT,
    "median_ratio": Kind.AMOUNT,
    "low_quartile": Kind.AMOUNT, "high_quartile": Kind.AMOUNT, "worse_tenfold": Kind.RATE,
    "worse_tenfold_n": Kind.COUNT,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedParams(Titled):
    """No parameters but the title of the case."""


PUBLISHED_RATES = Capability(
    id="faces.published",
    warrant="No warrant needed, because it reads published error rates only.",
    title="NIST 2020 false match rates",
    about="Reads NIST's published false match rates of face recognition algorithms, by sex and race.",
    asks=audit(PublishedParams),
    reads=(Read(role="rates", title="rates", shape=PUBLISHED),),
    emits=(Emit(table="published", columns=RATIOS),),
    arithmetic=deferred("peelian.technologies.faces.published:ARITHMETIC"),
)
