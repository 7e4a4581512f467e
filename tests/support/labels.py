"""Labels that two people of an office adopt, so that a test's data may carry them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType
from unittest.mock import patch

import shapely
from sensing import a_sensor

from peelian.kernel.disclosure.label_checks import WINDOWS, first_rows_of, free_labels, propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary, outline_digest
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import MEASURED_BY, Sensor
from peelian.kernel.records.label_register import adopted
from peelian.kernel.records.sensor_register import register, the_register
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.sensor_state import Listed
from peelian.measure.table import Table

SQUARES: dict[str, int] = {}


def adopt(
    kernel: Kernel,
    one: Operator,
    two: Operator,
    kind: LabelKind,
    labels: Iterable[str],
    homes: int = 0,
    bounds: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Have two people adopt those of the labels that are not in the register yet; an area without a boundary in
    `bounds` (WKT) gets a square of its own."""
    known = adopted(kernel)
    found = {label: known.find(kind, label) for label in labels}
    new = tuple(
        of_area(label, homes, bounds.get(label, "")) if kind is LabelKind.AREA else Label(label=label, people=5_000)
        for label, listed in found.items()
        if listed is None or (label in bounds and listed.outline != outline_digest(bounds[label]))
    )
    if new:
        vocabulary = Vocabulary(kind=kind, source="made for the test", labels=new)
        proposal = propose_vocabulary(kernel, one, vocabulary, words="labels of a test")
        step_up.prove(kernel, two)
        dual_control.approve(kernel, two, proposal)


def of_area(label: str, homes: int = 0, ground: str = "") -> Label:
    """An area of homes and of a public function, on ground of its own."""
    return Label(label=label, people=5_000, homes=homes, function="downtown", ground=ground or own_square(label))


def own_square(label: str) -> str:
    """A square of some 700 m that no other label of this process has, as WKT in degrees."""
    number = SQUARES.setdefault(label, len(SQUARES))
    west, south = -81 + 0.012 * (number % 150), 43 + 0.012 * (number // 150)
    return str(shapely.to_wkt(shapely.box(west, south, west + 0.009, south + 0.0065), rounding_precision=6))


def areas_csv(**people: int) -> str:
    """A file of areas with residents and a public function, each on ground of its own."""
    rows = (f'{name},{n},downtown,"{own_square(name)}"\n' for name, n in people.items())
    return "label,people,function,outline\n" + "".join(rows)


def adopt_labels_of(kernel: Kernel, people: Mapping[str, Operator], admitted: Admitted, format: str) -> None:
    """The same for every label that a table would be refused for."""
    words = next((known.words for known in kernel.formats if known.id == format), frozenset[str]())
    for kind, labels in free_labels(admitted, words).items():
        adopt(kernel, people["custodian"], people["board"], kind, labels, bounds=boundaries(admitted.table))
    if admitted.table.name == WINDOWS:
        for (area, measure), row in first_rows_of(admitted.table, "area", "measure").items():
            id, more = f"example-{row}", {"homes": 200} if measure == "energy" else {}
            ends = (kernel.now() + timedelta(days=700)).date().isoformat()
            sensor = a_sensor(id=id, kind=min(MEASURED_BY[measure]), area=area, ends=ends, format="", **more)
            if the_register(kernel).get(id) is None:
                register_in_area(kernel, people, sensor)


def boundaries(made: Table) -> dict[str, str]:
    """The outlines (WKT) of a table's areas; none where it has none."""
    if "outline" not in made or "area" not in made:
        return {}
    return dict(zip(made["area"].tolist(), made["outline"].tolist(), strict=True))


def register_in_area(kernel: Kernel, people: Mapping[str, Operator], sensor: Sensor, by: str = "custodian") -> Listed:
    """Put a sensor into the register, once two people have adopted its area."""
    adopt(kernel, people["custodian"], people["board"], LabelKind.AREA, [sensor.area], homes=10_000)
    with numbers_typed():
        return register(kernel, people[by], sensor)


@contextmanager
def numbers_typed() -> Iterator[None]:
    """While it lasts, the numbers that a test types are the ones that the office draws."""
    with patch("peelian.kernel.records.sensor_register.is_demonstration", lambda kernel: True):
        yield
