"""Where some person has several assessments: what is said, and calibration by the jackknife, not the bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from peelian.kernel.model.capability import Dataset, Note, Scalar
from peelian.technologies.risk.calibration import Recalibration, pooled_rates, recalibrated
from peelian.technologies.risk.counts import Floats
from peelian.technologies.risk.detectable import FEWEST_GROUPS
from peelian.technologies.risk.jackknife import LOG, interval
from peelian.technologies.risk.promises import Calibrated
from peelian.technologies.risk.publication import SMALLEST_PUBLIC
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.vocabulary import ASSESSED

ROWS = (
    "Rows without a pid are taken as different people. Several assessments of one person then make intervals too "
    "narrow."
)
COUNTED = (
    "%(assessments)d assessments of %(people)d people. Numbers of people in sentences and pictures count assessments. "
    "Intervals and tests allow for several assessments of one person."
)
CANNOT_TELL = (
    "It cannot be told: there are %(assessments)d assessments, but of %(people)d people only. A verdict needs at least "
    "%(n)d people in each group."
)
REPEATS = (COUNTED, CANNOT_TELL)


def assessed(data: Dataset, *, told: bool) -> tuple[tuple[Note, ...], dict[str, Scalar]]:
    """What a comparison, drift, subgroups or overrides say, and the facts, where some person has several assessments.

    `told`: whether there are people enough for any verdict.
    """
    people = int(data.facts.get("people", 0))
    if "fold" not in data.table or people < SMALLEST_PUBLIC:
        return (), {}
    counted: dict[str, Scalar] = {"assessments": int(data.table["n"].sum()), "people": people}
    short = () if told else (Note(text=CANNOT_TELL, values={**counted, "n": FEWEST_GROUPS}),)
    return (*short, Note(text=COUNTED, values=counted, kind="caveat")), counted if "distinct" in data.table else {}


def repeats(study: Study, facts: Mapping[str, Scalar]) -> tuple[tuple[Note, ...], dict[str, Scalar]]:
    """What is said, and which facts are given, where some person has several assessments; nothing elsewhere."""
    if study.replicates is None or not study.shown.people[0]:
        return (), {}
    counted: dict[str, Scalar] = {"people": int(facts.get("people", 0)), "assessments": study.counts.n}
    effect = float(study.design_effect[study.whole].max(initial=1.0))
    return (Note(text=ASSESSED, values={**counted, "effect": effect}, kind="caveat"),), counted


def dependent(study: Study, held: Calibrated, *, probability: bool) -> Calibrated:
    """The same figures with jackknife intervals; as they are where nobody has several assessments.

    The expected shares of a rank score are estimated anew without each replicate group. O(F x nodes x scores).
    """
    again = study.replicates
    if again is None:
        return held
    if probability:
        banded, without = (recalibrated(cells, again.scores) for cells in (again.whole, again.fine))
    else:
        banded, without = (_against_everyone(cells) for cells in (study.effective, again.levels))
    level, groups, found = study.level, again.groups, held.found
    # A figure estimated from the people it is judged on is too good; the jackknife measures by how much (Quenouille).
    flattery = (again.count - 1) * (without.brier.mean(axis=0) - banded.brier)
    return replace(
        held,
        intercept=interval(banded.intercept, without.intercept, groups, level=level, center=found.intercept),
        slope=interval(banded.slope, without.slope, groups, level=level, center=found.slope),
        ratio=interval(banded.ratio, without.ratio, groups, level=level, scale=LOG, center=found.ratio),
        brier=interval(banded.brier, without.brier, groups, level=level, center=found.brier - flattery),
    )


def _against_everyone(cells: Floats) -> Recalibration:
    """Each node of [..., N, S, 2] against the shares of node 0, everyone."""
    return recalibrated(cells, np.asarray(pooled_rates(cells[..., :1, :, :])))
