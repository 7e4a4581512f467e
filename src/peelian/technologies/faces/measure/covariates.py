"""Error rates by what the images were like: quality, time between them and their source, in fixed bins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.faces.measure.errors import FMR, FNMR, gathered, spread, trial_counts
from peelian.technologies.faces.measure.rates import Bars, Counted, rates_at
from peelian.technologies.faces.measure.scores import EVERYBODY, Cells, Scores
from peelian.technologies.faces.measure.thresholds import Threshold

Codes = NDArray[np.int8]

QUALITY, LAPSE, SOURCE = "image quality", "time between images", "image source"
COLUMNS: Mapping[str, str] = {"quality": QUALITY, "lapse": LAPSE, "source": SOURCE}
"""The columns of admitted comparisons that hold a bin's number, and what they are called."""
BINS: Mapping[str, tuple[str, ...]] = {
    "quality": ("quality 0 to 19", "quality 20 to 39", "quality 40 to 59", "quality 60 to 79", "quality 80 to 100"),
    "lapse": ("under 1 year", "1 to 4 years", "5 to 9 years", "10 years or more"),
    "source": ("custody photograph", "identity document", "fixed camera", "body-worn camera", "mobile phone", "other"),
}
"""Bins by column; quality as ISO/IEC 29794-1 (0 to 100), of the poorer of the two images."""
EDGES = {"quality": (20.0, 40.0, 60.0, 80.0), "lapse": (1.0, 5.0, 10.0)}
SOURCES = {"custody": 0, "mugshot": 0, "document": 1, "passport": 1, "cctv": 2, "fixed": 2, "body_worn": 3, "mobile": 4,
           "phone": 4, "other": 5, "": -1}  # fmt: skip
UNKNOWN = -1


def binned(column: str, values: NDArray[np.float64]) -> Codes:
    """The bin of each value, -1 where it is not known. O(rows log bins).

    >>> binned("lapse", np.array([0.2, 5.0, np.nan])).tolist()
    [0, 2, -1]
    """
    codes = np.searchsorted(np.array(EDGES[column]), values, side="right")
    return np.where(np.isfinite(values), codes, UNKNOWN).astype(np.int8)


def rates_of_bin(scores: Scores, rows: NDArray[np.bool_], threshold: Threshold) -> dict[str, dict[str, object]]:
    """The overall FMR and FNMR of some comparisons, as columns; none where there are none."""
    if not rows.any():
        return {}
    cells = Cells(groups=())
    own = scores.take(rows)
    own = replace(
        own,
        cells=cells,
        group_of=np.full_like(scores.group_of, -1),
        cell=np.where(own.genuine, cells.genuine(-1), cells.pair(-1, -1)).astype(np.int16),
    )
    trials = trial_counts(own)
    errors = gathered(own, [threshold.value]).at(threshold.value)
    made = Counted.of(threshold, errors, trials, spread(errors, trials, own), own)
    found = {}
    for rate in rates_at(made, Bars(fmr=0.5, fnmr=0.5)):
        if rate.measure in (FMR, FNMR) and rate.group == EVERYBODY and rate.estimate.n:
            names = ("errors", "n", "rate", "low", "high", "bound", "adequacy")
            found[rate.measure] = {name: getattr(rate.estimate, name) for name in names}
    return found
