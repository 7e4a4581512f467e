"""The demonstration of a watch: refused, proven on real records, approved, then a real day through a real broker."""

from __future__ import annotations

import csv
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

from peelian.demos import broker, crowd_counters, fair
from peelian.demos.assessment import assessed
from peelian.demos.decisions import read_and_decide
from peelian.demos.sensors import SQUARE, lately, public_places
from peelian.errors import Refused, enumerated, sentence
from peelian.kernel import verbs
from peelian.kernel.alarms import operator_desk, watch
from peelian.kernel.model.alarms import CITY, State
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import Declaration, StandingPermit
from peelian.kernel.model.people import Operator
from peelian.kernel.model.sensors import Sensor
from peelian.kernel.records import sensor_register
from peelian.kernel.verbs.authorizations import issue
from peelian.operations.office import Office
from peelian.operations.watch_service import Room, open_room, replay_of

Say = Callable[[str], None]
Progress = Callable[[str, float], None]
Rises = Sequence[tuple[float, float]]
EXAMPLES = "peelian.technologies.crowd"
NOISE, COUNTERS = "crowd.noise", "crowd.counters"
RISES: Rises = (
    (2.0, 12.0),
    (18.5, 7.0),
    (20.5, 14.0),
)  # put into the day, a drill: after so many hours, dB, for five minutes
TONIGHT: Rises = ((0.3, 12.0), (0.93, 14.0))  # the same of the last hour, whose second one is not over yet
EVENT_DAYS = 6  # the council approves the watch of one evening no longer
FAIR = (18.0, 19.5)  # a permitted event of the calendar: from and until, in hours of the day
CRITERIA = {
    NOISE: {
        "max_false_per_sensor_day": 0.5,
        "min_recall_10_db": 0.95,
        "min_recall_6_db": 0.9,
        "max_median_delay_seconds": 120,
        "max_short_sounds_raised": 0.01,
        "period_seconds": 1,
    },
}
HOUR, LASTS = (
    timedelta(hours=1),
    timedelta(days=131),
)  # the day, up to a week until the counters' weekday comes round, their 122 days
AHEAD = 400  # messages that may be on their way at once


Send = Callable[[str, bytes], None]


class Drill:
    """The replay of a day: the office, the replay's clock by which all of it runs, and who sits at the desk."""

    def __init__(self, *, office: Office, kay: Operator, say: Say, progress: Progress, hours: float) -> None:
        self.office, self.clock = office, replay_of(office)
        self.kay, self.say, self.progress, self.hours = kay, say, progress, hours
        self.rises, self.answered = RISES, hours  # until what hour Kay answers alarms
        self.explained: set[str] = set()
        self.fair = ""  # the case of the fair's watch, where it stands


MET, MISSED = (
    "The trial meets the bars that were fixed beforehand.",
    "The trial misses a bar that was fixed beforehand.",
)


def walk(
    office: Office,
    people: Mapping[str, Operator],
    say: Say,
    progress: Progress,
    *,
    hours: float = 24.0,
) -> dict[str, Any]:
    """From the refusal to the hand-over; `hours` of the day are replayed, then four months of counters.

    The office's clock is a `Replay` that begins `LASTS` before now: the office has lived through what it shows, and
    the machine's clock goes on from there.
    """
    kernel = office.kernel
    proven, permit = _approved(office, people, say, progress, days=365)
    drill = Drill(office=office, kay=people["kay"], say=say, progress=progress, hours=hours)
    _fair(drill, people["clerk"])
    record = _replayed(drill, permit)
    record["counters"] = _counted(drill, people)
    operator_desk.hand_over(kernel, people["kay"], to=people["lee"].person.token, words="One drill, all alarms closed.")
    say("\n6  Every alarm has an outcome. The shift is handed over.")
    say("   By its clock this office is four months old. Reviews and checks due since then are overdue.")
    drill.clock.run_on()
    return {"trial": proven, "watch": permit.case, **record}


def tonight(office: Office, people: Mapping[str, Operator], say: Say, progress: Progress) -> dict[str, Any]:
    """The same for one hour until now, in a town with its sensors, while a fair goes on: Kay closes the first alarm,
    and the second one waits for an operator."""
    proven, permit = _approved(office, people, say, progress, days=EVENT_DAYS)
    drill = Drill(office=office, kay=people["kay"], say=say, progress=progress, hours=1.0)
    drill.clock.reach(datetime.now(UTC) - HOUR)
    drill.rises, drill.answered = TONIGHT, TONIGHT[-1][0]
    _fair(drill, people["clerk"])
    lately(office, people)
    crowd = fair.stands(office, people)
    fair.planned(office, people, starts=drill.clock.now, ends=drill.clock.now + 10 * HOUR)
    drill.fair = crowd.case
    say("   The fair has an event plan, confirmed by a second person. What its counters send is made: a drill.")
    record = _replayed(drill, permit)
    waiting = [alarm.id for alarm in office.kernel.state.alarms.floor.queue()]
    say(sentence("   %(n)d %(n:alarm|alarms) waiting for an operator.", n=len(waiting)))
    return {"trial": proven, "watch": permit.case, "waiting": waiting, **record}


@contextmanager
def live(office: Office, cases: Sequence[str]) -> Iterator[Room]:
    """The rest of the day, a level a second, for as long as the block lasts: levels of a record, made counts."""
    over = threading.Event()
    with open_room(office, cases=cases) as room:

        def speak() -> None:
            for second, level in levels(24.0, TONIGHT, start=1.0):
                now = office.kernel.now()
                for sensor, body in (("meter-1", spelled(now, level)), *fair.messages(now, second)):
                    room.gateway.offer(sensor, sensor, body, lambda: None)
                if over.wait(1.0):
                    return

        thread = threading.Thread(target=speak, daemon=True, name="meter-1")
        thread.start()
        yield room
        over.set()
        thread.join(timeout=5)


def _approved(
    office: Office, people: Mapping[str, Operator], say: Say, progress: Progress, *, days: int
) -> tuple[dict[str, Any], StandingPermit]:
    """Refused, proven, approved for so many days: the trial, and the watch that stands as a drill."""
    kernel = office.kernel
    say("\n1  A commander requests a noise watch. It is neither tested nor approved:")
    meters = {"meter-1": "old-square"}
    try:
        _stand(office, people, NOISE, meters)
    except Refused as refused:
        for reason in refused.reasons:
            faults = {"says": sentence(reason.says), "remedy": sentence(reason.remedy)}
            say(sentence("   refused: %(says)s → %(remedy)s", **faults))
    say(
        "\n2  The detector is tested on a real day of sound levels, against acceptance criteria set in advance. "
        "The board decides."
    )
    proven = _proven(office, people, say, progress)
    issue(
        kernel,
        people["council"],
        AuthorizationKind.COUNCIL_APPROVAL,
        serves="crowd.*",
        purposes=(Purpose.SAFETY,),
        days=days,
    )
    params, counting = (watch.watch_named(kernel, name).asks.params() for name in (NOISE, COUNTERS))
    assessed(
        office,
        people,
        "crowd",
        uses=((NOISE, params), (COUNTERS, counting), (fair.DENSITY, fair.params(office))),
        purposes=(Purpose.SAFETY,),
    )
    public_places(office, people)
    for id in meters:
        sensor_register.register(kernel, people["custodian"], _meter(id, kernel.now()))
    permit = _stand(office, people, NOISE, meters)
    starts = "\n3  The watch starts (%(case)s) as a drill. Every alarm is marked as an exercise."
    say(sentence(starts, case=permit.case))
    return proven, permit


def _stand(office: Office, people: Mapping[str, Operator], name: str, sensors: Mapping[str, str]) -> StandingPermit:
    params = watch.watch_named(office.kernel, name).asks.params()
    return watch.stand(
        office.kernel,
        people["commander"],
        name,
        purpose=Purpose.SAFETY,
        params=params,
        sensors=sensors,
        exercise=True,
    )


def _proven(office: Office, people: Mapping[str, Operator], say: Say, progress: Progress) -> dict[str, Any]:
    """The trial of the noise detector: admitted, run, adopted. Its report becomes the paper the watch needs."""
    kernel, proof = office.kernel, (Purpose.PROOF,)
    kind = AuthorizationKind.ACCEPTANCE_CRITERIA
    issue(kernel, people["board"], kind, serves="crowd.noise_trial", purposes=proof, days=90, body=CRITERIA[NOISE])
    declaration = Declaration(
        title="A day of sound levels",
        purposes=proof,
        legal_basis="published under the Apache licence 2.0",
        minimisation="levels in decibels only, no sound",
        retention_days=365,
        source="test data of noisemonitor",
    )
    file = resources.files(EXAMPLES) / "examples" / "laeq_1s_24h.csv.gz"
    with resources.as_file(file) as path:
        data = office.admit(people["analyst"], path, declaration, format="sound-levels", progress=progress)
    trial = kernel.capability("crowd.noise_trial")
    permit = verbs.ask(
        kernel,
        people["analyst"],
        trial.id,
        purpose=Purpose.PROOF,
        params=trial.asks.params(),
        datasets={"levels": data.dataset},
    )
    evidence, found = verbs.run(kernel, people["analyst"], permit, progress=progress)
    for note in found.notes[:6]:
        say(sentence("   %(kind)s: %(text)s", kind=sentence(note.kind), text=sentence(note.text, **note.values)))
    decision = read_and_decide(
        kernel,
        people["board"],
        evidence,
        choice="adopt" if found.facts["criteria_met"] else "reject",
        reasons=(why := MET if found.facts["criteria_met"] else MISSED),
        also={"public_reason": why},
        other_evidence="record: stewards' radio logs of the same square.",
    )
    verbs.publish(kernel, people["clerk"], decision, statement="The noise detector was tried on a real day.")
    return {"case": decision.case, "criteria_met": bool(found.facts["criteria_met"])}


def _counted(drill: Drill, people: Mapping[str, Operator]) -> dict[str, Any]:
    """New Year's Eve at 21 counters, by their own watch."""
    drill.say("\n5  21 counters of Auckland: the detector is tested, then four months are replayed.")
    proven = crowd_counters.prove(drill, people)
    if not proven["criteria_met"]:
        return proven
    sensors = crowd_counters.sensors()
    permit = _stand(drill.office, people, COUNTERS, sensors)
    told = crowd_counters.replay(drill, permit, lambda aloud: _works(drill, aloud=aloud))
    drill.say(sentence("   %(n)d alarms in four months, each with an outcome.", n=told["raised"]))
    return {"watch": permit.case, **told}


def _replayed(drill: Drill, permit: StandingPermit) -> dict[str, Any]:
    office = drill.office
    with ExitStack() as closing:
        running = None
        if broker.found() and office.path is not None:
            running = closing.enter_context(broker.running(office.path / "broker"))
            drill.say("\n4  The day is replayed through a real Mosquitto (TLS, client certificates, QoS 1).")
        else:
            drill.say("\n4  The day is replayed in this process. Mosquitto is missing (apt-get install mosquitto).")
        room = closing.enter_context(
            open_room(
                office,
                cases=[permit.case, *([drill.fair] if drill.fair else [])],
                broker=running.broker if running else None,
                most_per_second=1e6,
                cap_folder=office.path / "cap" if office.path else None,
            )
        )
        began = time.monotonic()
        sent = _sent(drill, room, _sender(room, running, closing))
        _until(lambda: room.gateway.tally.total() >= sent, 30)
        if drill.answered == drill.hours:
            drill.clock.reach(drill.clock.now + timedelta(minutes=1))
            _works(drill)
        return {
            "messages": sent,
            "tally": dict(room.gateway.tally),
            "replay_seconds": round(time.monotonic() - began, 1),
        }


def _sender(room: Room, running: broker.Running | None, closing: ExitStack) -> Send:
    """How a message leaves the meter: through the broker, or straight into the gateway."""
    if running is None:

        def offered(sensor: str, body: bytes) -> None:
            room.gateway.offer(sensor, sensor, body, lambda: None)

        return offered
    _until(lambda: room.intake is not None and room.intake.sessions > 0, 10)
    client = running.publisher()
    closing.callback(client.disconnect)

    def published(sensor: str, body: bytes) -> None:
        client.publish(f"peelian/readings/{sensor}", body, qos=1)

    return published


def _sent(drill: Drill, room: Room, send: Send) -> int:
    """Publish the day, the clock a step ahead of each message; the operator works in between."""
    start, sent = drill.clock.now, 0

    def is_close_behind() -> bool:
        return sent - room.gateway.tally.total() < AHEAD

    for second, level in levels(drill.hours, drill.rises):
        at = start + timedelta(seconds=second + 1)
        drill.clock.reach(at)
        send("meter-1", spelled(at, level))
        sent += 1
        for sensor, body in fair.messages(at, second) if drill.fair else ():
            send(sensor, body)
            sent += 1
        if second % 100 == 99:
            _until(is_close_behind, 30)
            if second < drill.answered * 3_600:
                _works(drill)
            drill.progress("Replaying the day", second / (drill.hours * 3_600))
    return sent


def _fair(drill: Drill, clerk: Operator) -> None:
    """The clerk enters a fair into the calendar: it explains what is loud there, but nothing urgent."""
    begin, kernel = drill.clock.now, drill.office.kernel
    starts, ends = (begin + timedelta(hours=hours) for hours in FAIR)
    operator_desk.permit_event(
        kernel, clerk, zone="old-square", types=("noise",), starts=starts, ends=ends, what="Fair on the old square"
    )
    says = "   The clerk enters a planned event, a fair on the old square, %(starts)s to %(ends)s."
    drill.say(sentence(says, starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}"))


def _works(drill: Drill, *, aloud: bool = True) -> None:
    """Kay acknowledges what waits, decides, and says what it was. What a permitted event explains calls nobody."""
    from peelian.web.console.words import fact, titles_of

    kernel = drill.office.kernel
    titles = titles_of(kernel)
    for alarm in kernel.state.alarms.floor.alarms.values():
        if alarm.disposition == "planned event" and alarm.id not in drill.explained:
            drill.explained.add(alarm.id)
            says = "   %(at)s  EXERCISE %(level)s: %(zone)s, explained by the fair, nobody is called"
            drill.say(sentence(says, at=f"{alarm.raised_at:%H:%M:%S}", level=sentence(alarm.level), zone=alarm.zone))
    for alarm in kernel.state.alarms.floor.queue():
        if alarm.state is State.OPEN:
            facts = enumerated(fact(name, value, alarm.type, titles, sentence) for name, value in alarm.facts.items())
            if aloud:
                where = sentence("many zones") if alarm.zone == CITY else alarm.zone
                at, level = f"{alarm.opened_at:%H:%M:%S}", sentence(alarm.level)
                says = "   %(at)s  EXERCISE %(level)s: %(zone)s, %(facts)s"
                drill.say(sentence(says, at=at, level=level, zone=where, facts=facts))
            operator_desk.acknowledge(kernel, drill.kay, alarm.id)
            operator_desk.decide(kernel, drill.kay, alarm.id, choice="watch", reason="A drill: the stewards look.")
            operator_desk.dispose(kernel, drill.kay, alarm.id, disposition="other")


def levels(hours: float, rises: Rises, *, start: float = 0.0) -> Iterator[tuple[int, float]]:
    """The real day from `start` to `hours`, second by second, with the drill's rises put in. O(seconds)."""
    file = resources.files(EXAMPLES) / "examples" / "laeq_1s_24h.csv.gz"
    with file.open("rb") as raw, gzip.open(raw, "rt", encoding="utf-8") as text:
        for second, row in enumerate(csv.DictReader(text)):
            if second >= round(hours * 3_600):
                return
            above = sum(db for after, db in rises if after * 3_600 <= second < after * 3_600 + 300)
            if second >= start * 3_600:
                yield second, float(row["laeq"]) + above


def spelled(at: datetime, level: float) -> bytes:
    """A level as a meter sends it: NGSI-LD, one second long."""
    return json.dumps(
        {
            "id": "urn:ngsi-ld:NoiseLevelObserved:meter-1",
            "type": "NoiseLevelObserved",
            "dateObservedFrom": (at - timedelta(seconds=1)).isoformat(),
            "dateObservedTo": at.isoformat(),
            "LAeq": round(level, 1),
        }
    ).encode()


def _meter(id: str, now: datetime) -> Sensor:
    return Sensor(
        id=id,
        kind="sound_meter",
        title="Sound level meter of the demonstration",
        owner="Demonstration town",
        contact="noise@town.invalid",
        purpose="safety",
        why="To notice when a square stays far louder than usual.",
        area=SQUARE,
        personal_data=False,
        retention_days=90,
        ends=(now + timedelta(days=300)).date().isoformat(),
        format="ngsi-ld",
    )


def _until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
