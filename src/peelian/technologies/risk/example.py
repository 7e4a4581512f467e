"""Invented people as counts, for examples."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from peelian.kernel.model.capability import Dataset
from peelian.measure.table import Kind, Values, table
from peelian.technologies.risk.shared import CROSSED, EVERYONE


def invented(shape: str, columns: Mapping[str, tuple[Kind, Values]]) -> Dataset:
    """Invented people, a row each, as the counts and facts that an import makes of them. O(rows log rows)."""
    words, codes = zip(*(np.unique(values, return_inverse=True) for _, values in columns.values()), strict=True)
    keys, where = np.unique(np.stack(codes), axis=1, return_inverse=True)
    made = {
        name: (kind, word[code]) for (name, (kind, _)), word, code in zip(columns.items(), words, keys, strict=True)
    }
    counted = table(shape, {**made, "n": (Kind.COUNT, np.bincount(where.ravel()))}, n="people")
    axes = [name for name, (kind, _) in columns.items() if kind is Kind.GROUP]
    labels = [label for name in axes for label in sorted(set(columns[name][1]))]
    facts: dict[str, int | float | str | bool] = {
        "people": int(where.size),
        "axes": ",".join(axes),
        "groups": ",".join((*axes, EVERYONE, CROSSED, *labels)),
    }
    return Dataset(id=f"invented-{shape}", format=f"risk-{shape}", digest=counted.digest(), table=counted, facts=facts)
