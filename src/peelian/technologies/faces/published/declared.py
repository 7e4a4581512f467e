"""The false match rates that NIST published."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.tables import amount, count, level, rate
from peelian.kernel.model.titles import Titled
from peelian.technologies.faces.declared import PUBLISHED, audit

PAIRINGS = (
    "white men: threshold set here",
    "white men and Black men",
    "Black men",
    "white women",
    "Black women",
    "white women and Black women",
)

RATIOS = Emit(
    table="published",
    title="published false match rates relative to white men",
    columns={
        "pairing": level("Pairs of groups"),
        "algorithms": count("Algorithms", "cells"),
        "median_fmr": amount("Median false match rate"),
        "medians_ratio": amount("Ratio of the medians"),
        "median_ratio": amount("Median of the ratios"),
        "low_quartile": amount("Lower quartile of the ratios"),
        "high_quartile": amount("Upper quartile of the ratios"),
        "worse_tenfold": rate("Algorithms with a ratio of ten or more"),
        "worse_tenfold_n": count("Algorithms with a ratio"),
    },
)


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
    emits=(RATIOS,),
    arithmetic=deferred("peelian.technologies.faces.published.case:ARITHMETIC"),
)
