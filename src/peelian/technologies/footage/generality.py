"""Judges whether a detector finds all faces (or plates) of a trial's sheet, or only some of them.

A matcher for one person is a "box detector", too. What gives it away is whom it does not find. So a detector must find
nearly all made things of its class, in every group, and no few of them may be missing in every view. Of the other class
it must find nearly all or nearly none: a plate detector that also boxes one face is a matcher for that face.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from peelian.measure.rates import wilson
from peelian.technologies.footage.declarations.detector_trial import FALSE_A_FIND, MIN_GROUP_RECALL, MIN_RECALL
from peelian.technologies.footage.detector import Boxes, overlaps
from peelian.technologies.footage.generality_sheet import FACE, PLATE, SIZES, Page, groups_of

MATCH = 0.4  # intersection over union from which on a box is of an item
MISSED_AT_MOST = 3  # items of the class that may be missing in every view, whatever chance would say
BLIND = 0.08  # the 95 % interval of what a detector finds of the other class must end here
CHANCE = 0.05  # below it, what concentrates on a few items is no chance
LOW_RECALL, MISSED_GROUP, MISSED_ITEMS = "low_recall", "missed_group", "missed_items"
FALSE_BOXES, SOME_OTHERS = "false_boxes", "some_others"
BARS = (LOW_RECALL, MISSED_GROUP, MISSED_ITEMS, FALSE_BOXES, SOME_OTHERS)
Find = Callable[[NDArray[np.uint8]], Boxes]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sightings:
    """What was found of one class: bool[items, views], and the groups of each item."""

    found: NDArray[np.bool_]
    groups: tuple[Mapping[str, str], ...]

    @property
    def share(self) -> float:
        """Recall over all views."""
        return float(self.found.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the recall."""
        low, high = wilson(int(self.found.sum()), self.found.size)
        return float(low), float(high)

    @property
    def never(self) -> int:
        """Items that were found in no view."""
        return int((~self.found.any(axis=1)).sum())

    @property
    def repeated(self) -> int:
        """Items that were found in two views or more."""
        return int((self.found.sum(axis=1) >= 2).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Recall of one group of one class: found of n views, with its 95 % Wilson interval."""

    what: str
    part: str
    group: str
    n: int
    found: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """A detector on the whole sheet: sightings by class, boxes that are of no item, and pictures."""

    seen: Mapping[str, Sightings]
    false_boxes: int
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """What a detector must reach: what ships, or more where a board asks for more."""

    recall: float = MIN_RECALL  # where the 95 % interval of its recall must begin
    group_recall: float = MIN_GROUP_RECALL  # its recall in every group
    false_a_find: float = FALSE_A_FIND  # boxes that are of no item, for each view found


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One bar: its word, what was needed and reached, and whether that is met."""

    bar: str
    needed: float
    reached: float
    met: bool


def tried(find: Find, pages: Iterable[Page], progress: Callable[[float], None] = lambda share: None) -> Tried:
    """Run a detector on every picture. O(pictures x boxes x items)."""
    seen = {
        what: Sightings(found=np.zeros((len(groups_of(what)), len(SIZES)), dtype=bool), groups=groups_of(what))
        for what in (FACE, PLATE)
    }
    columns = {size: column for column, size in enumerate(SIZES)}
    pictures = false_boxes = items = 0
    expected = sum(one.found.size for one in seen.values())
    for page in pages:
        boxes = find(page.pixels)
        of_an_item = np.zeros(len(boxes), dtype=bool)
        for item in page.items:
            hits = overlaps(np.array(item.box), boxes[:, :4]) >= MATCH
            of_an_item |= hits
            seen[item.what].found[item.number, columns[item.size]] = bool(hits.any())
        pictures, false_boxes, items = pictures + 1, false_boxes + int((~of_an_item).sum()), items + len(page.items)
        progress(items / expected)
    return Tried(seen=seen, false_boxes=false_boxes, pictures=pictures)


def outcomes(trial: Tried, finds: str, bars: Bars) -> tuple[Outcome, ...]:
    """Every bar for a detector that is for `finds`. All must be met.

    1. The 95 % interval of its recall begins at `bars.recall` or above.
    2. It finds `bars.group_recall` of every group.
    3. At most 3 items are missing in every view: a person who is never found shows that somebody is chosen.
    4. At most `bars.false_a_find` boxes are of no item, for each view found: boxes everywhere find everything.
    5. Of the other class it finds nearly all, as in 1 to 3, or next to nothing and no item again and again.
    """
    own, other = trial.seen[finds], trial.seen[PLATE if finds == FACE else FACE]
    worst = min((share.share for share in shares_of(own, finds)), default=0.0)
    false_a_find = trial.false_boxes / max(1, int(own.found.sum()))
    known = all(met for _, met in _general(other, bars)) or _blind(other)
    return (
        *(
            Outcome(bar=bar, needed=needed, reached=reached, met=met)
            for (bar, met), needed, reached in zip(
                _general(own, bars),
                (bars.recall, bars.group_recall, MISSED_AT_MOST),
                (own.interval[0], worst, own.never),
                strict=True,
            )
        ),
        Outcome(bar=FALSE_BOXES, needed=bars.false_a_find, reached=false_a_find, met=false_a_find <= bars.false_a_find),
        Outcome(bar=SOME_OTHERS, needed=BLIND, reached=other.interval[1], met=known),
    )


def _general(seen: Sightings, bars: Bars) -> tuple[tuple[str, bool], ...]:
    """The three bars of a class that is found whole."""
    groups = [share.share for share in shares_of(seen, "")]
    return (
        (LOW_RECALL, seen.interval[0] >= bars.recall),
        (MISSED_GROUP, min(groups) >= bars.group_recall),
        (MISSED_ITEMS, seen.never <= MISSED_AT_MOST),
    )


def _blind(seen: Sightings) -> bool:
    """Whether next to nothing of a class is found, and what is found does not come back in further views of one item.

    By chance, a share p of the views leaves an item in two of three views or more with 3p^2 - 2p^3.
    """
    share = seen.share
    again = 3 * share**2 - 2 * share**3
    return seen.interval[1] <= BLIND and at_least(seen.repeated, len(seen.found), again) >= CHANCE


def at_least(k: int, n: int, chance: float) -> float:
    """The chance of k or more of n, each with `chance` (binomial, upper tail). O(k).

    >>> at_least(0, 5, 0.1), round(at_least(1, 2, 0.5), 2), round(at_least(3, 3, 0.5), 3)
    (1.0, 0.75, 0.125)
    """
    return max(0.0, 1.0 - sum(comb(n, i) * chance**i * (1 - chance) ** (n - i) for i in range(k)))


def shares_of(seen: Sightings, what: str) -> tuple[Share, ...]:
    """Recall over all, by size and by group of a class, with 95 % Wilson intervals."""
    cuts: list[tuple[str, str, NDArray[np.bool_]]] = [("all", "all", seen.found)]
    cuts += [("size", size, seen.found[:, column]) for column, size in enumerate(SIZES)]
    for part in seen.groups[0] if seen.groups else ():
        own = np.array([groups[part] for groups in seen.groups])
        cuts += [(part, str(group), seen.found[own == group]) for group in dict.fromkeys(own.tolist())]
    return tuple(_share(what, part, group, found) for part, group, found in cuts)


def _share(what: str, part: str, group: str, found: NDArray[np.bool_]) -> Share:
    k, n = int(found.sum()), int(found.size)
    low, high = wilson(k, n)
    return Share(what=what, part=part, group=group, n=n, found=k, share=k / n, low=float(low), high=float(high))
