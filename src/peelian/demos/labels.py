"""Labels of demonstrations and trials: adopted by two people, or numbered where a trial has nobody to adopt them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from peelian.kernel.disclosure.label_checks import (
    CROSSED,
    WINDOWS,
    free_labels,
    must_have_few_groups,
    propose_vocabulary,
)
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.labels import FEWEST_RESIDENTS, MOST_GROUPS, Label, LabelKind, Vocabulary
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import MEASURED_BY, Sensor
from peelian.kernel.records.sensor_register import register
from peelian.measure.table import Column, Kind, Table, text_column
from peelian.operations.office import Office

PREFIXES = ("feature_", "area_", "group_", "")  # before a label in the name of a column


@dataclass(frozen=True, slots=True)
class Key:
    """Which number stands for which label in a report of a trial. The report never holds it."""

    numbers: dict[LabelKind, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in LabelKind})
    known: set[str] = field(default_factory=set)  # areas that a given file says have residents enough

    def number(self, kind: LabelKind, label: str) -> str:
        """The number that stands for a label; the label itself where it is of a known area. O(1)."""
        if kind is LabelKind.AREA and label in self.known:
            return label
        numbers = self.numbers[kind]
        mark = "_" if kind is LabelKind.LANDMARK else " "
        return numbers.setdefault(label, f"{kind}{mark}{len(numbers) + 1:02d}")

    def write(self, path: Path) -> Path | None:
        """Write it for nobody else to read; None where nothing was numbered."""
        rows = [(number, label) for numbers in self.numbers.values() for label, number in numbers.items()]
        if not rows:
            return None
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            csv.writer(file).writerows([("number", "label"), *rows])
        return path


def adopt(office: Office, people: Mapping[str, Operator], vocabulary: Vocabulary, *, words: str) -> None:
    """Have the custodian propose labels and the board adopt them."""
    proposal = propose_vocabulary(office.kernel, people["custodian"], vocabulary, words=words)
    step_up.prove(office.kernel, people["board"])
    dual_control.approve(office.kernel, people["board"], proposal)


def numbered(taken: Admitted, words: Iterable[str], key: Key) -> Admitted:
    """What a trial takes in, every label that no public classification has replaced by a number. O(cells)."""
    table = taken.table
    if table.name == "areas" and "population" in table:
        key.known.update(
            str(a) for a, n in zip(table["area"], table["population"], strict=True) if n >= FEWEST_RESIDENTS
        )
    must_have_few_groups(taken, frozenset(words))
    free = {kind: frozenset(labels) for kind, labels in free_labels(taken, frozenset(words)).items()}
    if not any(free.values()):
        return taken
    groups = LabelKind.LANDMARK if table.name == "landmarks" else LabelKind.GROUP
    columns = tuple(_numbered(column, groups, free, key) for column in table.columns)
    facts = {
        name: _listed(str(value), groups, free, key) if name in ("groups", "axes") else value
        for name, value in taken.facts.items()
    }
    return replace(taken, table=Table(name=table.name, columns=columns), facts=facts)


def _numbered(column: Column, groups: LabelKind, free: Mapping[LabelKind, frozenset[str]], key: Key) -> Column:
    prefix = next(prefix for prefix in PREFIXES if column.name.startswith(prefix))
    bare = column.name.removeprefix(prefix)
    name = prefix + (key.number(LabelKind.GROUP, bare) if bare in free[LabelKind.GROUP] else bare)
    kind = {Kind.PLACE: LabelKind.AREA, Kind.GROUP: groups}.get(column.kind)
    if kind is None:
        return replace(column, name=name)
    made = column.coded().mapped(lambda label: key.number(kind, label) if label in free[kind] else label)
    return text_column(name, column.kind, made, unit=column.unit, n=column.n)


def _listed(words: str, groups: LabelKind, free: Mapping[LabelKind, frozenset[str]], key: Key) -> str:
    """A list of words with commas between them, crossed ones part by part."""

    def said(part: str) -> str:
        return key.number(groups, part) if part in free[groups] else part

    made = []
    for word in words.split(","):
        parts = CROSSED.split(word)
        made.append("".join(said(p) + j for p, j in zip(parts, [*CROSSED.findall(word), ""], strict=True)))
    return ",".join(made)


def let_in(office: Office, people: Mapping[str, Operator], taken: Admitted, words: Iterable[str]) -> None:
    """Have a throw-away office adopt the labels of a trial, and register the sensors it needs. O(labels)."""
    free, bounds = free_labels(taken, frozenset(words)), _boundaries(taken.table)
    homes = int(taken.facts.get("declared_homes", 0))
    for kind, labels in free.items():
        most = MOST_GROUPS if kind is LabelKind.GROUP else 10_000
        for start in range(0, len(labels), most):
            some = tuple(
                _of_trial(kind, one, homes, bounds.get(one) or made_up_square(at))
                for at, one in enumerate(labels[start : start + most], start=start)
            )
            adopt(office, people, Vocabulary(kind=kind, source="a trial", labels=some), words="labels of a trial")
    if taken.table.name == WINDOWS:
        pairs = zip(taken.table["area"].tolist(), taken.table["measure"].tolist(), strict=True)
        for area, measure in dict.fromkeys(pairs):
            register(office.kernel, people["custodian"], _sensor(office, area, measure, homes))


def _boundaries(taken: Table) -> dict[str, str]:
    """The outlines of a table's areas by name; none where it has none."""
    if "outline" not in taken or "area" not in taken:
        return {}
    return dict(zip(taken["area"].tolist(), taken["outline"].tolist(), strict=True))


def made_up_square(number: int) -> str:
    """A square of some 250 m on invented ground, as WKT in degrees: none of another number meets it."""
    west, south = -60 + 0.005 * (number % 100), 30 + 0.005 * (number // 100)
    east, north = west + 0.0026, south + 0.00225
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"POLYGON (({', '.join(f'{lon:.6f} {lat:.6f}' for lon, lat in ring)}))"


def _of_trial(kind: LabelKind, label: str, homes: int, ground: str) -> Label:
    if kind is not LabelKind.AREA:
        return Label(label=label, people=FEWEST_RESIDENTS)
    return Label(label=label, people=FEWEST_RESIDENTS, homes=homes, function="downtown", ground=ground)


def _sensor(office: Office, area: str, measure: str, homes: int) -> Sensor:
    more: dict[str, Any] = {"homes": max(homes, 2)} if measure == "energy" else {}
    return Sensor(
        kind=min(MEASURED_BY[measure]),
        title="sensor of a trial",
        owner="a trial",
        contact="nobody",
        purpose="planning",
        why="a trial on the holder's own file",
        area=area,
        personal_data=False,
        retention_days=1,
        ends=(office.kernel.now() + timedelta(days=2)).date().isoformat(),
        **more,
    )
