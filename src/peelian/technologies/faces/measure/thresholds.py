"""Set thresholds, and split comparisons so that none is tested on those that set it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.technologies.faces.declared import MOST_OPERATIONAL
from peelian.technologies.faces.measure.scores import Cells, Codes, Flags, Floats, Scores

OPERATIONAL, WORST_GROUP, OWN_GROUP = "operational", "worst group", "group-specific"
TARGETS = {"FMR 1e-3": 1e-3, "FMR 1e-4": 1e-4, "FMR 1e-5": 1e-5}
LOOSE = {"FMR 1e-2": 1e-2, "FMR 1e-1": 1e-1}  # tried, in this order, only where no target of a serious trial is allowed
FPIR_TARGETS = {"FPIR 1e-1": 1e-1, "FPIR 1e-2": 1e-2, "FPIR 1e-3": 1e-3}
POLICIES = (
    *(f"{OPERATIONAL} {i}" for i in range(1, MOST_OPERATIONAL + 1)),
    *TARGETS,
    *LOOSE,
    *FPIR_TARGETS,
    WORST_GROUP,
    OWN_GROUP,
)

GIVEN, HALF, SECOND_FILE, HALF_OF_ROWS = (
    "given",
    "other half of the subjects",
    "calibration file",
    "other half of comparisons",
)
HALF_OF_SEARCHES = "other half of the searches"
SET_ON = (GIVEN, HALF, SECOND_FILE, HALF_OF_ROWS, HALF_OF_SEARCHES)
ENOUGH = 10  # impostor trials x target rate that make a target worth setting: fewer, and the threshold is chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold (on scores that match at or above it), what it was chosen for, and what it was set on.

    `group` is set for a group's own threshold: a diagnosis, never an operating point.
    """

    policy: str
    value: float
    set_on: str
    group: int = -1

    def looser(self, limit: float) -> bool:
        """Whether it was set for a false match rate above a limit: that groups exceed the limit there shows nothing."""
        return self.set_on != GIVEN and {**TARGETS, **LOOSE}.get(self.policy, 0.0) > limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The impostor comparisons that set thresholds: their scores and cells."""

    score: Floats
    cell: Codes

    @staticmethod
    def of(scores: Scores, rows: Flags | None = None) -> Setting:
        """Those of some rows, or of all."""
        keep = ~scores.genuine & ~scores.failed
        if rows is not None:
            keep &= rows
        return Setting(score=scores.score[keep], cell=scores.cell[keep])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sets:
    """The comparisons that set thresholds, and those on which such thresholds are reported."""

    setting: Setting
    reported: Flags | None  # rows; None for all
    set_on: str
    crossing: int = 0  # comparisons between the two halves: used by neither


def split(scores: Scores, calibration: Scores | None, seed: int) -> Sets:
    """Two sets without a common subject: a second file, or else halves of the subjects, drawn within each group.

    Comparisons between the halves belong to neither. Without subjects, halves of the rows: valid only if no subject
    recurs, and noted. InputError: a subject stands in both files. O(rows).
    """
    if calibration is not None:
        return Sets(setting=Setting.of(calibration), reported=None, set_on=SECOND_FILE)
    rng = np.random.default_rng(seed)
    if scores.probe is None or scores.ref is None:
        half = rng.random(len(scores)) < 0.5
        return Sets(setting=Setting.of(scores, half), reported=~half, set_on=HALF_OF_ROWS)
    first = _half_of_each_group(scores, rng)
    a, b = first[scores.probe], first[scores.ref]
    return Sets(
        setting=Setting.of(scores, a & b),
        reported=~(a | b),
        set_on=HALF,
        crossing=int((a != b).sum()),
    )


def refuse_shared_subjects(first: NDArray[np.int64], second: NDArray[np.int64]) -> None:
    """InputError where the calibration file and the reported file have subjects in common (digests)."""
    shared = len(np.intersect1d(first, second))
    if shared:
        says = sentence("%(n)d %(n:subject is|subjects are) in both the calibration and the tested file", n=shared)
        raise InputError(says, accepted="two files with no subject in common, or one file (split by subject)")


def chosen(setting: Setting, set_on: str, cells: Cells, *, bar: float) -> tuple[tuple[Threshold, ...], tuple[int, ...]]:
    """The thresholds that the setting comparisons allow: overall targets, worst group at `bar`, each group's own.

    Second: the groups with too few comparisons to take part in "worst group". O(impostor comparisons x log).
    """
    everything = np.sort(setting.score)
    targets = {policy: t for policy, t in TARGETS.items() if enough(len(everything), t)}
    if not targets:
        targets = dict([(policy, t) for policy, t in LOOSE.items() if enough(len(everything), t)][:1])
    made = [Threshold(policy=policy, value=strictest(everything, t), set_on=set_on) for policy, t in targets.items()]
    own, left_out = _own(setting, cells, bar)
    if own:
        worst = max(own.values())
        made.append(Threshold(policy=WORST_GROUP, value=worst, set_on=set_on))
        made += [Threshold(policy=OWN_GROUP, value=value, set_on=set_on, group=g) for g, value in own.items()]
    return tuple(made), left_out


def operational(thresholds: Sequence[float], distance: bool) -> tuple[Threshold, ...]:
    """Thresholds in use, turned to the matching side where scores are distances."""
    return tuple(
        Threshold(policy=f"{OPERATIONAL} {i}", value=-value if distance else value, set_on=GIVEN)
        for i, value in enumerate(thresholds, start=1)
    )


def strictest(ascending: Floats, target: float) -> float:
    """The lowest threshold at which at most a share `target` of the (sorted) impostor scores match.

    A share may exceed it by a trillionth of it: 0.29 of 100 are 29, though the float 0.29 times 100 is less.

    >>> strictest(np.array([0.1, 0.2, 0.2, 0.9]), 0.25) > 0.2
    True
    >>> int((np.arange(100.0) >= strictest(np.arange(100.0), 0.29)).sum())
    29
    """
    allowed = math.floor(target * len(ascending) * (1 + 1e-12))
    if allowed >= len(ascending):
        return -math.inf
    return float(np.nextafter(ascending[len(ascending) - 1 - allowed], np.inf))


def enough(trials: int, target: float) -> bool:
    """Whether `trials` impostor comparisons suffice to set a threshold at a target rate."""
    return trials * target >= ENOUGH


def _own(setting: Setting, cells: Cells, bar: float) -> tuple[dict[int, float], tuple[int, ...]]:
    own, left_out = {}, []
    for g, cell in enumerate(cells.within()):
        scores = np.sort(setting.score[setting.cell == cell])
        if enough(len(scores), bar):
            own[g] = strictest(scores, bar)
        else:
            left_out.append(g)
    return own, tuple(left_out)


def _half_of_each_group(scores: Scores, rng: np.random.Generator) -> Flags:
    """A mark for half of the subjects of each group, those outside every group included."""
    order = rng.permutation(scores.subjects)
    by_group = order[np.argsort(scores.group_of[order], kind="stable")]
    first = np.zeros(scores.subjects, dtype=np.bool_)
    first[by_group[::2]] = True
    return first
