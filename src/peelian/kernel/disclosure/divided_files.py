"""Divided files: one file published whole and in two parts, from which the few follow that are not in all of them.

Two releases that are compared with a third one by one differ from it by thousands. Their sum, or their difference, may
be the third but for a few people. And everybody in one file may be a group of another.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.disclosure.published_counts import Ints
from peelian.measure.suppression import LOW

MOST_PAIRED = 32  # newest releases of which every two are looked at together

Mask = NDArray[np.bool_]


def is_divided(now: Ints, shown: Ints, there: Mask, whole: Mask) -> bool:
    """Whether some of these counts are those of two releases together, or less one another, but for 1 to k - 1.

    `now`: counts [rows, counts]; `shown`: the same of releases [releases, rows, counts], and which rows are `there`
    [releases, rows]; `whole`: the rows that count everybody. Half of these agree but for a few, or half of all rows
    that the three have: single counts of other people may agree by chance. O(rows x releases²).

    >>> parts, there = np.array([[[90], [40]], [[60], [30]]]), np.ones((2, 2), dtype=bool)
    >>> whole = np.array([True, False])
    >>> [is_divided(np.array(n), parts, there, whole) for n in ([[149], [69]], [[150], [70]], [[180], [70]])]
    [True, False, False]
    """
    there = there & shown.any(axis=2) & now.any(axis=1)
    for i in range(1, len(shown)):
        one, others, all_ = shown[i], shown[:i], there[:i] & there[i]
        for change in (now - one - others, now + one - others, now - one + others):
            near = (np.abs(change) < LOW).all(axis=2) & all_
            for part in (slice(None), whole):
                agree, known = near[:, part], all_[:, part]
                some = (agree & change[:, part].any(axis=2)).any(axis=1)
                if (some & (2 * agree.sum(axis=1) >= known.sum(axis=1))).any():
                    return True
    return False


def is_a_group(now: Ints, then: tuple[Ints, Ints], whole: Mask) -> bool:
    """Whether everybody of now is a group of an earlier release but for 1 to k - 1, or the other way round.

    `then`: counts of releases [releases, rows, counts], and where each row stands now, -1 for nowhere. O(rows x
    releases).

    >>> now, whole = np.array([[149], [100]]), np.array([True, False])
    >>> [is_a_group(now, (np.array([[[400], [n]]]), np.array([0, -1])), whole) for n in (149, 150, 160)]
    [False, True, False]
    """
    shown, at = then
    everybody = shown[:, np.isin(at, np.flatnonzero(whole))]
    pairs = [now[row] - shown for row in np.flatnonzero(whole)]
    pairs += [now - everybody[:, [i]] for i in range(everybody.shape[1])]
    return any(bool(((np.abs(change) < LOW).all(axis=2) & change.any(axis=2)).any()) for change in pairs)
