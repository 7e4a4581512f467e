"""The demonstration of sensors in public space: registered, reported by the hour, days released with noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from importlib import resources
from typing import Any

from peelian.demos import crowd_counters
from peelian.demos.assessment import assessed
from peelian.demos.decisions import read_and_decide
from peelian.demos.labels import adopt, made_up_square
from peelian.errors import sentence
from peelian.kernel import verbs
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.documents import Declaration
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.records.label_register import adopted
from peelian.kernel.verbs.sensor_batches import propose_sensors, register_approved
from peelian.operations.office import Office
from peelian.oversight.sensors.live import keep_live
from peelian.oversight.sensors.windows import keep_windows
from peelian.technologies.sensors.windows import Window

Say = Callable[[str], None]
Progress = Callable[[str, float], None]
SQUARE = "Old square"
RELEASED = 3  # days of one counter
LATELY = 48  # hours of every counter


def walk(office: Office, people: Mapping[str, Operator], say: Say, progress: Progress) -> dict[str, Any]:
    """Two people register the town's sensors; the hours of Auckland's counters are reported; three days of one are
    released with noise."""
    public_places(office, people)
    counters = dict(zip(crowd_counters.places(), crowd_counters.sensors(), strict=True))
    every = [*(_counter(office, id, name) for name, id in counters.items()), *_others(office)]
    _entered(office, people, tuple(every))
    says = (
        "\n1. Two people put %(n)d people counters into the public register, one of them by radio with its declared "
        "fields, and %(others)d devices of the police, which send nothing to the town."
    )
    say(sentence(says, n=len(counters) + 1, others=len(_POLICE)))
    case = _reported(office, people, say, progress)
    id = counters["205 Queen Street"]
    for day, counts in crowd_counters.days("205 Queen Street", RELEASED):
        office.release_counts(people["board"], id, day, counts)
    say("\n3. Three days of one counter are released with noise. The exact counts stay sealed.")
    return {"case": case, "sensors": len(every)}


def _entered(office: Office, people: Mapping[str, Operator], sensors: tuple[Sensor, ...]) -> None:
    """The custodian proposes them, the board approves, and the custodian registers them."""
    proposal = propose_sensors(office.kernel, people["custodian"], sensors, words="all sensors the town has")
    step_up.prove(office.kernel, people["board"])
    dual_control.approve(office.kernel, people["board"], proposal)
    register_approved(office.kernel, people["custodian"], proposal)


def lately(office: Office, people: Mapping[str, Operator]) -> None:
    """What the counters sent in the last two days: the last hours of Auckland's record, each in four equal parts."""
    record = list(crowd_counters.hours())[-LATELY:]
    begins = office.kernel.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=LATELY)
    windows = [
        Window(
            sensor=one.sensor,
            measure=one.what,
            start=begins + timedelta(hours=hour, minutes=15 * part),
            n=1,
            count=(int(one.values["count"]) + part) // 4,
        )
        for hour, (_, readings) in enumerate(record)
        for one in readings
        for part in range(4)
    ]
    keep_windows(office.kernel, people["custodian"], tuple(windows))
    keep_live(office.kernel, windows)


def public_places(office: Office, people: Mapping[str, Operator]) -> None:
    """The public places with sensors, adopted by two people; nothing where they are already."""
    if adopted(office.kernel).find(LabelKind.AREA, SQUARE) is not None:
        return
    names = [(SQUARE, "public_square"), *((name, "road") for name in crowd_counters.places())]
    places = tuple(
        Label(label=name, function=function, ground=made_up_square(number))
        for number, (name, function) in enumerate(names)
    )
    areas = Vocabulary(
        kind=LabelKind.AREA, source="the town's public places; their outlines are made up", labels=places
    )
    adopt(office, people, areas, words="public places with sensors")


def _reported(office: Office, people: Mapping[str, Operator], say: Say, progress: Progress) -> str:
    kernel, declared = office.kernel, office.kernel.capability("sensors.report")
    declaration = Declaration(
        title="Auckland, people per hour at 21 counters",
        purposes=tuple(str(purpose) for purpose in declared.asks.purposes),
        legal_basis="published under CC BY 4.0",
        minimisation="hourly counts only",
        retention_days=365,
        source="Heart of the City Auckland",
    )
    with resources.as_file(crowd_counters.file()) as path:
        data = office.admit(
            people["analyst"], path, declaration, format="counters-hourly", options={"measure": "people"},
            progress=progress,
        )  # fmt: skip
    params, purpose = declared.asks.params(from_day="2023-12-01", to_day="2023-12-31"), Purpose.SAFETY
    assessed(office, people, "sensors", uses=((declared.id, params),), purposes=(purpose,))
    permit = verbs.ask(
        kernel, people["analyst"], declared.id, purpose=purpose, params=params, datasets={"windows": data.dataset}
    )
    evidence, found = verbs.run(kernel, people["analyst"], permit, progress=progress)
    say("\n2. What they counted in December is reported by place and hour, decided and published:")
    for note in found.notes[:4]:
        say(sentence("   %(kind)s: %(text)s", kind=sentence(note.kind), text=sentence(note.text, **note.values)))
    decision = read_and_decide(
        kernel,
        people["board"],
        evidence,
        choice="accept",
        reasons="The counts are needed to plan the closing of the street on market days.",
        also={"public_reason": "The counts are needed to plan the closing of the street on market days."},
        other_evidence="document: shopkeepers' letters and the bus timetable.",
    )
    verbs.publish(kernel, people["clerk"], decision, statement="Counts of December, by place and hour.")
    return decision.case


def _counter(office: Office, id: str, name: str) -> Sensor:
    lon, lat = crowd_counters.positions().get(name, (None, None))
    return Sensor(
        id=id,
        lon=lon,
        lat=lat,
        kind="people_counter",
        title=f"People counter, {name}",
        owner="Demonstration town, public works",
        contact="counters@town.invalid",
        purpose="planning",
        why="To know when streets are busy enough to be closed to cars.",
        area=name,
        personal_data=False,
        retention_days=90,
        ends=(office.kernel.now() + timedelta(days=300)).date().isoformat(),
        format="ngsi-ld",
    )


_POLICE = {
    "camera": ("Camera at the police station door", "To see who rings at night.", 7),
    "plate_reader": ("Plate reader on a patrol car", "To find vehicles reported stolen.", 1),
    "drone": ("Drone of the police service", "To look for missing people after a flood.", 30),
}
"""What the police have, by kind: what it is, why, and for how many days its data are kept."""


def _others(office: Office) -> list[Sensor]:
    """A counter by radio, whose fields are declared, and what the police have: no way in for its data."""
    radio = replace(
        _counter(office, "radio-1", SQUARE),
        format="ttn-v3",
        columns={"in": "towards", "out": "away"},
        drop=("battery", "temperature"),
        firmware="1.4.2",
        updated=(office.kernel.now() - timedelta(days=30)).date().isoformat(),
        update_days=180,
    )
    return [radio, *(_of_the_police(office, kind, *told) for kind, told in _POLICE.items())]


def _of_the_police(office: Office, kind: str, title: str, why: str, days: int) -> Sensor:
    return Sensor(
        id=f"{kind.replace('_', '-')}-1",
        kind=kind,
        title=title,
        owner="Demonstration town, police service",
        contact="police@town.invalid",
        purpose="enforcement",
        why=why,
        area=SQUARE,
        personal_data=True,
        retention_days=days,
        ends=(office.kernel.now() + timedelta(days=300)).date().isoformat(),
    )
