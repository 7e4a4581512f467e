"""Five real months of the counters of Auckland that ship with the product, as the door in would admit them."""

from __future__ import annotations

import gzip
from importlib import resources

import numpy as np

from peelian.kernel.model.capability import Dataset
from peelian.measure.table import Kind, table
from peelian.technologies.crowd.formats import FORMATS


def auckland_counts() -> Dataset:
    """Hourly counts of 21 counters, September 2023 to January 2024: shape "counts"."""
    file = resources.files("peelian.technologies.crowd") / "examples" / "auckland_2023_09_2024_01.csv.gz"
    header, *rows = [line.split(",") for line in gzip.decompress(file.read_bytes()).decode().splitlines()]
    format = next(one for one in FORMATS if one.id == "auckland-counts")
    columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
    picked = {name: columns[head] for name, head in format.pick(tuple(header), {}).items()}
    made = {name: (Kind.PERSONAL, np.array(values, dtype=object)) for name, values in picked.items()}
    text = table("text", {**made, "row": (Kind.COUNT, np.arange(2, len(rows) + 2))})
    admitted = format.convert(text, {})
    return Dataset(id="c", format=format.id, digest="5" * 64, table=admitted.table, facts=admitted.facts)
