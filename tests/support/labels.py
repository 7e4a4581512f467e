"""Labels that two people of an office adopt, so that a test's data may carry them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType

from sensing import a_sensor

from peelian.kernel.disclosure.label_checks import WINDOWS, first_rows_of, free_labels, outlines, propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import MEASURED_BY, Sensor
from peelian.kernel.records.label_register import adopted
from peelian.kernel.records.sensor_register import register, the_register
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.sensor_state import Listed


def adopt(
    kernel: Kernel,
    one: Operator,
    two: Operator,
    kind: LabelKind,
    labels: Iterable[str],
    homes: int = 0,
    bounds: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Have two people adopt those of the labels that are not in the register yet."""
    known = adopted(kernel)
    found = {label: known.find(kind, label) for label in labels}
    new = tuple(
        Label(label=label, people=5_000, homes=homes, outline=bounds.get(label, ""))
        for label, listed in found.items()
        if listed is None or (label in bounds and listed.outline != bounds[label])
    )
    if new:
        vocabulary = Vocabulary(kind=kind, source="made for the test", labels=new)
        proposal = propose_vocabulary(kernel, one, vocabulary, words="labels of a test")
        step_up.prove(kernel, two)
        dual_control.approve(kernel, two, proposal)


def adopt_labels_of(kernel: Kernel, people: Mapping[str, Operator], admitted: Admitted, format: str) -> None:
    """The same for every label that a table would be refused for."""
    words = next((known.words for known in kernel.formats if known.id == format), frozenset[str]())
    for kind, labels in free_labels(admitted, words).items():
        adopt(kernel, people["custodian"], people["board"], kind, labels, bounds=outlines(admitted.table))
    if admitted.table.name == WINDOWS:
        for (area, measure), row in first_rows_of(admitted.table, "area", "measure").items():
            id, more = f"example-{row}", {"homes": 200} if measure == "energy" else {}
            ends = (kernel.now() + timedelta(days=700)).date().isoformat()
            sensor = a_sensor(id=id, kind=min(MEASURED_BY[measure]), area=area, ends=ends, format="", **more)
            if the_register(kernel).get(id) is None:
                register_in_area(kernel, people, sensor)


def register_in_area(kernel: Kernel, people: Mapping[str, Operator], sensor: Sensor, by: str = "custodian") -> Listed:
    """Put a sensor into the register, once two people have adopted its area."""
    adopt(kernel, people["custodian"], people["board"], LabelKind.AREA, [sensor.area], homes=10_000)
    return register(kernel, people[by], sensor)
