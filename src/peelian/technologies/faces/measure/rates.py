"""Every error rate at a threshold, by group and by pair of groups, each with n, interval, adequacy and verdict.

FMR and FNMR as ISO/IEC 19795-1 defines them on comparisons; a comparison that could not be made counts as a false
non-match in FNMR and FRR, is left out of "FNMR excluding failures", and lowers FAR, which counts all attempts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from peelian.technologies.faces.measure.errors import (
    COMPARED,
    FAR,
    FMR,
    FNMR,
    FRR,
    Anchors,
    Counts,
    Errors,
    People,
    Spread,
    Trials,
)
from peelian.technologies.faces.measure.scores import EVERYBODY, WITHIN, Cells, Scores
from peelian.technologies.faces.measure.thresholds import OWN_GROUP, Threshold
from peelian.technologies.faces.measure.uncertainty import (
    CLUSTERED,
    DYADIC,
    NOT_DETERMINABLE,
    Estimate,
    design_effect,
    estimate,
)
from peelian.technologies.faces.measure.verdicts import Judgement, Support, bounds, meets_limit

MEASURES = (FMR, FNMR, COMPARED, FAR, FRR)
TERMS = {FMR: "false match rate", FNMR: "false non-match rate"}


NO_VERDICT = "no limit"
UNLIMITED = Judgement(verdict=NO_VERDICT, low=math.nan, high=math.nan, subjects=0, needed=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The maximum rates for any group, set before the audit; 0: none was set."""

    fmr: float
    fnmr: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One row of the audit: a rate at a threshold for a group (or a pair of groups)."""

    threshold: Threshold
    measure: str
    group: str
    other_group: str
    estimate: Estimate
    judgement: Judgement
    design_effect: float
    erring: int  # subjects that the errors rest on; 0 where they are not known

    @property
    def verdict(self) -> str:
        """The verdict on the limit; "no limit" where none applies."""
        return self.judgement.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Errors and trials at one threshold, ready to be made into rates.

    `spread` is None where subjects are not known. `anchors` and `retained` are bounds from other thresholds: of the
    same comparisons, or kept with a histogram, by measure and group.
    """

    threshold: Threshold
    by_cell: Counts
    made: Counts
    failed: Counts
    spread: Spread | None
    cells: Cells
    anchors: Anchors | None = None
    retained: Mapping[tuple[str, str], Support] = field(default_factory=dict)

    @staticmethod
    def of(
        threshold: Threshold,
        errors: Errors,
        trials: Trials,
        spread: Spread,
        scores: Scores,
        *,
        anchors: Anchors | None = None,
    ) -> Counted:
        """From the exact count of comparisons."""
        return Counted(
            threshold=threshold,
            by_cell=errors.by_cell,
            made=trials.made,
            failed=trials.failed,
            spread=spread if trials.impostor_of is not None else None,
            cells=scores.cells,
            anchors=anchors,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Counts behind a rate: wrong, completed and failed comparisons of a pair of groups, and their variance."""

    group: str
    other_group: str
    wrong: int
    made: int
    failed: int
    variance: float  # of wrong / made for impostors, of (wrong + failed) / (made + failed) for genuine comparisons
    single: bool
    known: bool
    support: Support | None

    def over(self, errors: int, n: int, method: str) -> Estimate:
        """errors / n, with the cell's variance carried over to that denominator."""
        base = self.made if method == DYADIC else self.made + self.failed
        variance = self.variance * (base / n) ** 2 if n else self.variance
        return estimate(
            errors,
            n,
            variance=variance,
            method=method,
            single=self.single,
            known=self.known,
            subjects=self.support.subjects if self.support else 0,
        )


def rates_at(counted: Counted, bars: Bars) -> list[Rate]:
    """All rates at the threshold; for a group's own threshold only that group's FMR and FNMR. O(cells)."""
    groups = counted.cells.groups
    if counted.threshold.policy == OWN_GROUP:
        own = groups[counted.threshold.group]
        rows = [*_impostor(counted, own, own, bars), *_genuine(counted, own, bars)]
        return [row for row in rows if row.measure in (FMR, FNMR)]
    rows = [*_impostor(counted, EVERYBODY, EVERYBODY, bars)]
    if groups:
        rows += _impostor(counted, WITHIN, WITHIN, bars)
    for g, h, _ in counted.cells.named_pairs():
        rows += _impostor(counted, groups[g], groups[h], bars)
    for group in (EVERYBODY, *groups):
        rows += _genuine(counted, group, bars)
    return rows


def _impostor(counted: Counted, group: str, other: str, bars: Bars) -> Iterator[Rate]:
    cell = _impostor_cell(counted, group, other)
    made = cell.over(cell.wrong, cell.made, DYADIC)
    limited = group == other and _limited(counted, group)
    judgement = _judged(made, cell.support, bars.fmr, pairs=True) if limited else UNLIMITED
    if limited and bars.fmr and counted.threshold.looser(bars.fmr):
        judgement = replace(judgement, verdict=NOT_DETERMINABLE, needed=0)
    yield _row(counted, FMR, cell, made, judgement)
    if group == EVERYBODY:
        yield _row(counted, FAR, cell, cell.over(cell.wrong, cell.made + cell.failed, DYADIC), UNLIMITED)


def _genuine(counted: Counted, group: str, bars: Bars) -> Iterator[Rate]:
    cell = _genuine_cell(counted, group)
    everything = cell.over(cell.wrong + cell.failed, cell.made + cell.failed, CLUSTERED)
    limited = _limited(counted, group)
    judgement = _judged(everything, cell.support, bars.fnmr, pairs=False) if limited else UNLIMITED
    yield _row(counted, FNMR, cell, everything, judgement)
    if cell.failed:
        yield _row(counted, COMPARED, cell, cell.over(cell.wrong, cell.made, CLUSTERED), UNLIMITED)
    if group == EVERYBODY:
        yield _row(counted, FRR, cell, everything, UNLIMITED)


def _judged(one: Estimate, support: Support | None, limit: float, *, pairs: bool) -> Judgement:
    """The verdict on a limit; where none is set the bounds alone: nothing is met or missed."""
    if limit:
        return meets_limit(one, support, limit, pairs=pairs)
    if support is None or one.n == 0:
        return UNLIMITED
    low, high = bounds(one, support)
    return Judgement(verdict=NO_VERDICT, low=low, high=high, subjects=support.subjects, needed=0)


def _limited(counted: Counted, group: str) -> bool:
    """Whether the limits apply: to each group, or to all where there are no groups."""
    return group in counted.cells.groups or (group == EVERYBODY and not counted.cells.groups)


def _row(counted: Counted, measure: str, cell: Cell, made: Estimate, judgement: Judgement) -> Rate:
    return Rate(
        threshold=counted.threshold,
        measure=measure,
        group=cell.group,
        other_group=cell.other_group,
        estimate=made,
        judgement=judgement,
        design_effect=design_effect(made.errors, made.n, cell.variance),
        erring=cell.support.erring if cell.support else 0,
    )


def _impostor_cell(counted: Counted, group: str, other: str) -> Cell:
    cells, spread = counted.cells, counted.spread
    single, variance = False, float("nan")
    if group == EVERYBODY:
        chosen = list(range(cells.impostor_cells))
        if spread is not None:
            single, variance = spread.single_all, spread.fmr_all
    elif group == WITHIN:
        chosen = cells.within()
        if spread is not None:
            single, variance = bool(spread.single[chosen].all()), spread.fmr_within
    else:
        chosen = [cells.pair(cells.groups.index(group), cells.groups.index(other))]
        if spread is not None:
            single, variance = bool(spread.single[chosen[0]]), float(spread.fmr[chosen[0]])
    return _cell(counted, (group, other), chosen, (variance, single, _support(counted, FMR, group, other)))


def _genuine_cell(counted: Counted, group: str) -> Cell:
    cells, spread = counted.cells, counted.spread
    first = cells.impostor_cells
    chosen = list(range(first, cells.size)) if group == EVERYBODY else [first + cells.groups.index(group)]
    single, variance = False, float("nan")
    if spread is not None:
        single = bool(spread.single[chosen].all())
        variance = spread.fnmr_all if group == EVERYBODY else float(spread.fnmr[cells.groups.index(group)])
    return _cell(counted, (group, group), chosen, (variance, single, _support(counted, FNMR, group, group)))


def _cell(
    counted: Counted, names: tuple[str, str], chosen: list[int], told: tuple[float, bool, Support | None]
) -> Cell:
    return Cell(
        group=names[0],
        other_group=names[1],
        wrong=int(counted.by_cell[chosen].sum()),
        made=int(counted.made[chosen].sum()),
        failed=int(counted.failed[chosen].sum()),
        variance=told[0],
        single=told[1],
        known=counted.spread is not None,
        support=told[2],
    )


def _support(counted: Counted, measure: str, group: str, other: str) -> Support | None:
    """The people behind a rate of one group or of all; None for a pair of groups and where they are not known."""
    groups, spread = counted.cells.groups, counted.spread
    if group != other or group == WITHIN:
        return None
    if spread is None:
        return counted.retained.get((measure, group))
    at = len(groups) if group == EVERYBODY else groups.index(group)
    people = spread.people_fmr if measure == FMR else spread.people_fnmr
    if people is None:
        return None
    above = (
        counted.anchors.above(at, counted.threshold.value) if counted.anchors and _limited(counted, group) else math.nan
    )
    return _supported(people, at, halves=measure == FMR, above=above if measure == FMR else math.nan)


def _supported(people: People, at: int, *, halves: bool, above: float) -> Support:
    part = 0.5 if halves else 1.0
    return Support(
        subjects=int(people.subjects[at]),
        erring=int(people.erring[at]),
        events=part * float(people.shares[at]),
        units=part * int(people.subjects[at]),
        above=above,
    )
