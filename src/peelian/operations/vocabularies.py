"""Vocabularies from files: areas with their residents, landmarks or groups, for two people to adopt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from peelian.errors import InputError
from peelian.intake.sources import Given
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.formats import Admitted, Format
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.model.technology import Technology, formats_of, technology_of
from peelian.measure.table import Kind, Table, table
from peelian.operations.intake_files import read_file

SHAPE = "labels"
COUNTS = ("people", "homes", "capacity")
GEOMETRY = "geometry"


def read_vocabulary(
    path: Given,
    kind: LabelKind,
    source: str,
    technologies: Sequence[Technology],
    *,
    format: str,
    options: Mapping[str, str],
    progress: Progress = lambda says, share: None,
    apart: bool = True,
) -> Vocabulary:
    """The labels of a file: a table of labels, or GeoJSON of areas with residents, whose boundaries are adopted, too.
    InputError names row and column.

    Of the formats of mapping the ones of areas are offered as well, where `technologies` has it. O(rows).
    """
    mapping = technology_of(technologies, "mapping") if kind is LabelKind.AREA else None
    find = partial(_with_labels, formats_of([mapping] if mapping else ()))
    _, taken = read_file(path, format, find, options, progress, apart=apart)
    found = taken.table
    name, people = ("label", "people") if found.name == SHAPE else ("area", "population")
    counts = found[people].tolist() if people in found else [0] * len(found)
    homes = found["homes"].tolist() if "homes" in found else [0] * len(found)
    held = found["capacity"].tolist() if "capacity" in found else [0] * len(found)
    functions = found["function"].tolist() if "function" in found else [""] * len(found)
    rows = zip(found[name].tolist(), counts, functions, homes, held, strict=True)
    bounds = dict(zip(found[name].tolist(), found["outline"].tolist(), strict=True)) if "outline" in found else {}
    labels = (
        Label(label=str(a), people=int(n), function=str(f), homes=int(h), ground=bounds.get(a, ""), capacity=int(c))
        for a, n, f, h, c in rows
    )
    return Vocabulary(kind=kind, source=source, labels=tuple(labels))


def _with_labels(find: Callable[[], Sequence[Format]]) -> tuple[Format, ...]:
    return (LABELS, *(one for one in find() if one.shape == "areas"))


def _convert(text: Table, options: Mapping[str, str]) -> Admitted:
    columns: dict[str, Any] = {
        name: (Kind.PERSONAL, np.array([str(cell).strip() for cell in text[name].tolist()], dtype=object))
        for name in ("label", "function", "outline")
        if name in text
    }
    if GEOMETRY in text:
        columns["outline"] = (Kind.PERSONAL, _outlines(text))
    columns |= {name: (Kind.COUNT, _counts(text, name)) for name in COUNTS if name in text}
    return Admitted(table=table(SHAPE, columns), facts={})


def _outlines(text: Table) -> np.ndarray[Any, np.dtype[np.object_]]:
    """The geometries of a GeoJSON file as the format of areas has them, so that its file has the same boundaries."""
    from peelian.technologies.mapping.formats.outlines import outline  # heavy: only where outlines are read

    made = []
    for row, geometry in zip(text["row"].tolist(), text[GEOMETRY].tolist(), strict=True):
        try:
            made.append(outline(str(geometry)).wkt)
        except InputError as fault:
            raise InputError(fault.wrong, row=int(row), column=GEOMETRY, accepted=fault.accepted) from None
    return np.array(made, dtype=object)


def _counts(text: Table, column: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    made = []
    for row, cell in zip(text["row"].tolist(), text[column].tolist(), strict=True):
        digits = str(cell).strip() or "0"
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
            raise InputError("not a count", row=int(row), column=column, accepted="a whole number, 0 or more")
        made.append(int(digits))
    return np.array(made, dtype=np.int64)


LABELS = Format(
    id="labels",
    title="Labels (label, people; areas: function, homes, capacity, outline)",
    shape=SHAPE,
    required=frozenset({"label"}),
    columns=frozenset({"label", "people", "function", "homes", "capacity", "outline", GEOMETRY}),
    convert=_convert,
    kinds=("csv", "parquet", "json", "geojson"),
)
