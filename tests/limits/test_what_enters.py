"""What comes in by each door whose row takes a file or readings: hostile ones end in words, and nothing is kept.

The doors are read from their tables: a new one without a play fails.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from authentication import form_of
from broker import Mosquitto, free_port
from hostile_files import hostile
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from living_office import METER, Living
from own_keys import credentials
from played_doors import Play, commands
from sizes import FULL
from starlette.testclient import TestClient
from terminal import peelian as typed

import peelian.audit
import peelian.audit.doors as of_audit
import peelian.integrations.doors as of_programs
import peelian.kernel.verbs.doors as of_kernel
import peelian.oversight.doors as of_oversight
import peelian.places.doors as of_places
import peelian.web.addresses as of_pages
import reference_pages
from peelian import places
from peelian.acts import registry
from peelian.cli.contents import every_command
from peelian.errors import PeelianError
from peelian.kernel.model.doors import Door, Enters
from peelian.operations.office import open_office
from peelian.operations.watch_service import sensor_key
from peelian.oversight.sensors.gate import SensorGate, collect
from peelian.web.sensors.readings import LARGEST, readings_app
from peelian.web.tasks.pages import TASKS, _files

EVERY: Mapping[str, Any] = dict(commands(reference_pages.root()))
DECLARED = {
    "title": "Rows", "legal_basis": "Bylaw 12", "minimisation": "no names", "source": "the town", "retention_days": 30
}  # fmt: skip
FORMS = {name: str(value) for name, value in DECLARED.items()} | {"purposes": "advice"}


@dataclass(frozen=True)
class Brought:
    """A hostile file, and where it is brought to: the pages of a living office, or a copy of it at the terminal."""

    name: str
    content: bytes
    play: Play
    folder: Path

    @property
    def path(self) -> Path:
        path = self.folder / self.name.replace("/", "_")
        path.write_bytes(self.content)
        return path

    def by(self, short: str, *, api: bool = False) -> TestClient:
        name = "GET /api/cases" if api else "GET /{language}/data"
        (door,) = (door for door in of_pages.DOORS if door.name == name)
        return self.play.of(short, door)


# ---- the pages and the API: what is answered, the last answer being that of the door


def added(one: Brought) -> Any:
    """The plain form. A name and its bytes may wait there for a declaration: nothing is read yet."""
    client = one.by("analyst")
    return client.post("/en/data/add", data={"form": form_of(client)}, files={"file": (one.name, one.content)})


def upload(one: Brought) -> str:
    """The address of what waits, by pieces where it has any."""
    client = one.by("analyst")
    form = form_of(client)
    begun = client.post("/en/data/uploads", data={"form": form, "name": one.name, "size": str(len(one.content))})
    if begun.status_code >= 400:
        return ""
    at = f"/en/data/uploads/{begun.json()['id']}"
    put = client.put(at, params={"at": 0}, content=one.content, headers={"x-form": form})
    assert put.status_code == 200, put.text
    return at


def declared(one: Brought) -> Any:
    client, at = one.by("analyst"), upload(one)
    if not at:
        return added(one)  # an empty one: refused by its size
    form = {"form": form_of(client), "format": "auto"}
    answer = client.post(at, data={**FORMS, **form})
    while answer.status_code == 303 and answer.headers["location"].startswith(at):
        answer = client.get(at)
        if "http-equiv" in answer.text:
            answer.status_code, answer.headers["location"] = 303, at
    assert client.post(at, data={"form": form["form"], "act": "leave"}).status_code == 303
    return answer


def in_pieces(one: Brought) -> Any:
    """A piece that says it begins elsewhere, and one of an upload that is nobody's."""
    client = one.by("analyst")
    form = form_of(client)
    begun = client.post("/en/data/uploads", data={"form": form, "name": one.name, "size": str(len(one.content) + 9)})
    at, headers = f"/en/data/uploads/{begun.json()['id']}", {"x-form": form}
    for where, start in ((at, 7), ("/en/data/uploads/..%2F..%2Fetc", 0)):
        answer = client.put(where, params={"at": start}, content=one.content, headers=headers)
        assert 400 <= answer.status_code < 500, where
    assert client.post(at, data={**FORMS, "form": form}).status_code in (400, 409), "it has not arrived"
    client.post(at, data={"form": form, "act": "leave"})
    return answer


def begun(one: Brought) -> Any:
    """A size that is none, and one that is too large."""
    client = one.by("analyst")
    for size in (one.content[:15].decode("latin-1"), str(10**14)):
        fields = {"form": form_of(client), "name": one.name, "size": size}
        answer = client.post("/en/data/uploads", data=fields)
        assert 400 <= answer.status_code < 500, size
    return answer


def as_labels(one: Brought) -> Any:
    client, at = one.by("analyst"), upload(one)
    if not at:
        return added(one)
    form = {"form": form_of(client)}
    fields = {**form, "kind": "area", "source": "a census", "reason": "they are new"}
    answer = client.post(at.replace("/uploads/", "/labels/"), data=fields)
    client.post(at, data={**form, "act": "leave"})
    return answer


def withdrawn(one: Brought) -> Any:
    client = one.by("analyst")
    text = one.content[:2_000].decode("latin-1")
    return client.post("/en/data/labels", data={"form": form_of(client), "record": text, "reason": text})


def api_upload(one: Brought) -> tuple[str, Any]:
    client = one.by("analyst", api=True)
    begun = client.post("/api/uploads", json={"name": one.name, "size": len(one.content)})
    return (begun.json()["id"], begun) if begun.status_code < 400 else ("", begun)


def api_begun(one: Brought) -> Any:
    return one.by("analyst", api=True).post("/api/uploads", content=one.content)


def api_piece(one: Brought) -> Any:
    id, begun = api_upload(one)
    if not id:
        return begun
    client = one.by("analyst", api=True)
    return client.put(f"/api/uploads/{id}", params={"at": 3}, content=one.content)


def api_admitted(one: Brought) -> Any:
    id, begun = api_upload(one)
    if not id:
        return begun
    client = one.by("analyst", api=True)
    assert client.put(f"/api/uploads/{id}", params={"at": 0}, content=one.content).status_code == 200
    answer = client.post(f"/api/uploads/{id}/admit", json={**DECLARED, "purposes": ["advice"]})
    while answer.status_code in (200, 202) and (job := client.get(f"/api/jobs/{answer.json()['job']}")):
        if job.status_code >= 400 or job.json().get("state") not in ("running", "waiting"):
            return job
    return answer


def pasted(task: str, short: str, **fields: str) -> Callable[[Brought], Any]:
    """A task with a field that takes a file."""

    def sent(one: Brought) -> Any:
        client = one.by(short)
        (name,) = _files(TASKS[task])
        files = {name: (one.name, one.content)}
        return client.post(f"/en/tasks/{task}", data={**fields, "form": form_of(client)}, files=files)

    return sent


PAGES: Mapping[str, Callable[[Brought], Any]] = {
    "POST /{language}/data/add": added,
    "POST /{language}/data/labels": withdrawn,
    "POST /{language}/data/labels/{id}": as_labels,
    "POST /{language}/data/uploads": begun,
    "PUT /{language}/data/uploads/{id}": in_pieces,
    "POST /{language}/data/uploads/{id}": declared,
    "POST /api/uploads": api_begun,
    "PUT /api/uploads/{id}": api_piece,
    "POST /api/uploads/{id}/admit": api_admitted,
    "accesses-roster": pasted("accesses-roster", "clerk"),
    "accesses-staff": pasted("accesses-staff", "clerk"),
    "accesses-subjects": pasted("accesses-subjects", "clerk", dataset="x"),
    "sensors-register-file": pasted("sensors-register-file", "custodian", reason="new ones"),
    "sensors-collect": pasted("sensors-collect", "custodian", sensor=METER),
    "watch-plan": pasted("watch-plan", "commander"),
    "warrant-record": pasted(
        "warrant-record", "privacy-officer", status="confirmed", serves="sensors.*", purposes="audit", count="1",
        reference="2026-17", court="Superior Court", judge="B. Invented", issued="2026-03-02", ends="2026-03-03",
    ),
}  # fmt: skip

# ---- the terminal: FILE stands for the file, CASE for a watch's

WITH = ("--title", "Rows", "--purpose", "advice", "--legal-basis", "Bylaw 12", "--minimisation", "no names")
ORIGIN = ("--source", "the town", "--licence", "ODbL", "--attribution", "the town")
WINDOW = ("--window", "2023-10-02..2023-10-15", "--category", "theft", "--out", "out")
OFFICER = ("--as", "privacy-officer")
TYPED: Mapping[str, tuple[str, ...]] = {
    "challenge": ("FILE", *WINDOW),
    "try": ("TECHNOLOGY", "FILE", "--out", "out"),
    "footage check": ("FILE",),
    "verify": ("FILE",),
    "data ground": ("FILE", *ORIGIN, "--as", "custodian"),
    "machine restore-log": ("FILE", "--as", "custodian", "--reason", "it is damaged"),
    "watch feed": ("CASE", "FILE"),
    "warrant record": (
        "FILE",
        "--status",
        "confirmed",
        "--serves",
        "sensors.*",
        "--purpose",
        "audit",
        "--count",
        "1",
        "--reference",
        "2026-17",
        "--court",
        "Superior Court",
        "--judge",
        "B. Invented",
        "--issued",
        "2026-03-02",
        "--ends",
        "2026-03-03",
        *OFFICER,
    ),
    "admit": ("FILE", *WITH, "--source", "the town", "--as", "analyst"),
    "footage keep": ("FILE", "--as", "custodian", "--recorded-at", "2026-03-02T14:05:00-05:00", "--people-not-known"),
    "data vocabulary": ("FILE", "--propose", "they are new", "--source", "a census", "--as", "custodian"),
    "accesses roster": ("FILE", "--as", "clerk"),
    "accesses staff": ("FILE", "--as", "clerk"),
    "accesses subjects": ("FILE", "--as", "clerk", "--dataset", "x"),
    "breach people": ("b-0", "FILE", "--as", "privacy-officer"),
    "watch plan": ("FILE", "--as", "commander"),
    "sensors register": ("FILE", "--as", "custodian"),
    "sensors register-file": ("FILE", "--as", "custodian", "--reason", "new ones"),
    "sensors collect": (METER, "FILE", "--as", "custodian"),
    "assess answer": ("FILE", "q=1"),
    "assess explain": ("0" * 64, "FILE", "--as", "privacy-officer"),
    "assess new": ("FILE", "--technology", "mapping", "--title", "It", "--kind", "design"),
    "assess show": ("FILE",),
    "assess submit": ("FILE", "--as", "privacy-officer"),
    "oversight vendor": ("Vendor", "FILE", "--as", "custodian"),
    "watch capacity": ("FILE",),
    "oversight rights": ("mapping.*", "FILE", "--as", "privacy-officer"),
}

# ---- the libraries, sensors' readings


def decoded(one: Brought) -> Any:
    return SensorGate(one.play.office.kernel).decode(METER, "PREFIX/meter-1/x", one.content)


def posted(one: Brought) -> Any:
    """To the listener's door, with a take that reads what a sensor says as the gateway does."""

    def take(sensor: str, key: str, body: bytes) -> str:
        try:
            SensorGate(one.play.office.kernel).decode(sensor, "", body)
        except PeelianError as wrong:
            return str(wrong)
        return ""

    return TestClient(readings_app(take), base_url="http://127.0.0.1").post(f"/readings/{METER}", content=one.content)


READINGS: Mapping[str, Callable[[Brought], Any]] = {
    "POST /readings/{sensor}": posted,
    "PREFIX/+/#": decoded,
    "verbs.warrant_lifecycle.collected": lambda one: collect(
        one.play.office.kernel, one.play.office.operator("custodian"), METER, one.content
    ),
}
GRID: Any = None  # asked for before the incidents would be used


def handed(one: Brought) -> Any:
    """What a caller hands over in place of incidents: the file's path, its bytes, or its lines as a frame's rows."""
    ways = (one.path, one.content, pd.DataFrame({"text": one.content[:3_000].decode("latin-1").splitlines()}))
    return ways[len(one.name) % len(ways)]


PLACES: Mapping[str, Callable[[Brought], Any]] = {
    "read_entries": lambda one: places.read_entries([one.path]),
    "read_incidents": lambda one: places.read_incidents(one.path),
    "read_map": lambda one: places.read_map(one.path),
    "read_streets": lambda one: places.read_streets(one.path),
    "Incidents.from_frame": lambda one: places.Incidents.from_frame(one.path, time="when"),
    "Grid.within": lambda one: places.Grid.within(one.path),
    "Grid.along": lambda one: places.Grid.along(one.path, one.path),
    "Grid.enclosing": lambda one: places.Grid.enclosing(handed(one)),
    "Model.fit": lambda one: places.Model("long_run").fit(handed(one), GRID),
    "backtest": lambda one: places.backtest(["long_run"], handed(one), grid=GRID),
    "challenge": lambda one: places.challenge(handed(one), GRID),
}
AUDIT: Mapping[str, Callable[[Brought], Any]] = {
    "risk": lambda one: peelian.audit.risk(one.path, score="score", outcome="outcome"),
    "faces": lambda one: peelian.audit.faces(one.path),
}
SERVICES: Mapping[str, tuple[str, ...]] = {
    "watch serve": (),
    "sensors listen": ("--host", "localhost"),
}
"""Commands that take readings until they are stopped, and what they are told besides the port of their door."""


def takes_a_file(words: str) -> bool:
    """Whether a command has an argument that names a file, whatever its row says."""
    return any(one.param_type_name == "argument" and one.name == "file" for one in EVERY[words].params)


FILES = frozenset({Enters.FILE, Enters.READINGS})
COMING: tuple[tuple[tuple[Door, ...], Mapping[str, Any], Callable[[str], bool]], ...] = (
    (of_pages.DOORS, PAGES, lambda name: False),
    (tuple(registry.doors()), PAGES, lambda name: bool(_files(TASKS[name]))),
    (tuple(one.door for one in every_command()), {**TYPED, **SERVICES}, takes_a_file),
    (of_places.DOORS, PLACES, lambda name: False),
    (of_audit.DOORS, AUDIT, lambda name: False),
    ((*of_kernel.DOORS, *of_oversight.DOORS), READINGS, lambda name: False),
    ((*of_pages.LISTENER, *of_programs.TOPICS, *of_programs.REGISTRAR), READINGS, lambda name: False),
)
"""Each table, what plays its doors, and what else takes a file although its row says words."""


def unplayed(table: tuple[Door, ...], played: Mapping[str, Any], also: Callable[[str], bool]) -> set[str]:
    """Doors of a table that take something in and that nobody plays."""
    return {door.name for door in table if door.enters in FILES or also(door.name)} - set(played)


def test_every_door_that_takes_something_in_is_played() -> None:
    assert [names for one in COMING if (names := unplayed(*one))] == []


# ---- each hostile file at each door


@pytest.fixture(scope="module")
def office(living: Living, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the office at the terminal."""
    folder = tmp_path_factory.mktemp("entered") / "office"
    shutil.copytree(living.folder, folder)
    return folder


def brought(door: str) -> Iterator[tuple[str, bytes]]:
    """The hostile files; every third where each is read by a process of its own, but for a whole run."""
    apart = {"admit", "vocabulary", "footage keep", "read_incidents", "try", "ground"}
    few = not FULL and (door in apart or door.endswith(("labels/{id}", "uploads/{id}", "uploads/{id}/admit")))
    return islice(hostile().items(), sum(map(ord, door)) % 3 if few else 0, None, 3 if few else 1)


NOTED = frozenset({"TURNED_AWAY", "REFUSED", "MESSAGE_REFUSED", "SESSION_BEGAN", "PROVED", "KEEPING", "OPENED"})
"""What the log may say of what was not taken."""


OF_SERVICES = frozenset(
    {"SENSOR_FAULT", "LISTENING", "WINDOW_LOST", "GATEWAY_CUT", "GATEWAY_BACK", "HEARTBEAT", "ALARM_CALLED"}
)
"""What services say of themselves, of a sensor that they refuse, and of an alarm that waits already."""


def kept(kernel: Any, noted: frozenset[str] = NOTED) -> tuple[Any, ...]:
    """What an office holds, beside the notes that it was not taken."""
    kinds = [entry["kind"] for _, entry in kernel.stores.log.read() if entry["kind"] not in noted]
    return tuple(kernel.state.datasets), len(kinds), kinds[-3:]


@pytest.mark.parametrize("door", PAGES)
def test_no_hostile_file_is_taken_at_the_pages(alive: Play, tmp_path: Path, door: str) -> None:
    client = Brought("", b"", alive, tmp_path).by("analyst")
    assert client.get("/en/desk").status_code == 200
    before = kept(alive.office.kernel)
    for name, content in brought(door):
        answer = PAGES[door](Brought(name, content, alive, tmp_path))
        waits = door == "POST /{language}/data/add" and content  # it was not read yet
        assert answer.status_code == 303 if waits else 400 <= answer.status_code < 500, (name, answer.text[:2_000])
        assert "Traceback" not in answer.text, name
    assert kept(alive.office.kernel) == before


@pytest.mark.parametrize("command", TYPED)
def test_no_hostile_file_is_taken_at_the_terminal(living: Living, office: Path, tmp_path: Path, command: str) -> None:
    with open_office(office) as town:
        before = kept(town.kernel)
        case = next(iter(town.kernel.state.alarms.stands))
    takes = {one for param in EVERY[command].params for one in param.opts}
    for name, content in brought(command):
        path = tmp_path / Path(name).name
        path.write_bytes(content)
        for technology in TECHNOLOGIES if command == "try" else ("",):
            values = {"FILE": str(path), "CASE": case, "TECHNOLOGY": technology}
            words = [values.get(word, word) for word in (*command.split(), *TYPED[command])]
            words += ["--office", str(office)] if "--office" in takes else []
            done = typed(*words, cwd=tmp_path)
            empty = command == "watch feed" and not content  # no reading in it
            assert done.returncode in ({0} if empty else {2, 3, 4, 5}), (words, done)
            assert empty or (done.stderr.strip() and "Traceback" not in done.stderr), (words, done)
        assert path.read_bytes() == content
        path.unlink()
        assert not any(tmp_path.iterdir()), name
    with open_office(office) as town:
        assert kept(town.kernel) == before


TECHNOLOGIES = ("mapping", "risk", "faces", "footage", "sensors", "crowd")


@pytest.mark.parametrize("call", [*PLACES, *AUDIT])
def test_no_hostile_file_is_taken_by_the_libraries(alive: Play, tmp_path: Path, call: str) -> None:
    for name, content in brought(call):
        with pytest.raises(PeelianError) as told:
            ({**PLACES, **AUDIT})[call](Brought(name, content, alive, tmp_path))
        assert str(told.value), name


@pytest.mark.parametrize("door", READINGS)
def test_no_hostile_message_is_taken_as_a_reading(alive: Play, tmp_path: Path, door: str) -> None:
    before = kept(alive.office.kernel)
    for name, content in hostile().items():
        one = Brought(name, content, alive, tmp_path)
        if door == "POST /readings/{sensor}":
            assert 400 <= READINGS[door](one).status_code <= 503, name
        else:
            with pytest.raises(PeelianError):
                READINGS[door](one)
    assert kept(alive.office.kernel) == before


def answer_of(sensor: httpx.Client, content: bytes) -> int:
    """What a service answers to a message; 413 where it hangs up before all of a large one was sent."""
    try:
        return sensor.post(f"/readings/{METER}", content=content, timeout=120).status_code
    except (httpx.ReadError, httpx.WriteError):
        assert len(content) > LARGEST
        return 413


@pytest.mark.parametrize("command", SERVICES)
def test_no_hostile_message_is_taken_by_what_listens(living: Living, tmp_path: Path, command: str) -> None:
    """The command itself, in a process of its own, and its door for readings by HTTP."""
    office, port, words = tmp_path / "office", free_port(), [*command.split(), *SERVICES[command]]
    shutil.copytree(living.folder, office)
    with open_office(office) as town:
        before, key = kept(town.kernel, NOTED | OF_SERVICES), sensor_key(town.kernel, METER)
    with ExitStack() as closing:
        if "--host" in words:
            broker = Mosquitto(tmp_path).start()
            closing.callback(broker.stop)
            certificate, private = broker.certificates.for_("peelian-gateway")
            words += ["--broker-port", str(broker.port), "--authority", str(broker.certificates.authority)]
            words += ["--certificate", str(certificate), "--private-key", str(private)]
        begun = [sys.executable, "-m", "peelian", *words, "--http-port", str(port), "--office", str(office)]
        keys = os.environ | credentials(tmp_path / "keys", "custodian")
        service = closing.enter_context(subprocess.Popen(begun, stdout=subprocess.PIPE, text=True, env=keys))
        closing.callback(service.kill)
        assert service.stdout is not None and "Listening to" in service.stdout.readline()
        at, headers = f"http://127.0.0.1:{port}", {"authorization": f"Bearer {key}"}
        waits = httpx.HTTPTransport(retries=8)  # until it listens
        with httpx.Client(base_url=at, headers=headers, transport=waits) as sensor:
            answers = [answer_of(sensor, content) for content in hostile().values()]
        assert 204 in answers and set(answers) <= {204, 413, 415}, "read and refused, or not read at all"
        service.send_signal(signal.SIGINT)
        assert service.wait(60) == 0
    with open_office(office) as town:
        assert kept(town.kernel, NOTED | OF_SERVICES) == before
        said = [str(entry["field"]) for _, entry in town.kernel.stores.log.read() if entry["kind"] == "MESSAGE_REFUSED"]
        assert said and set(said) <= {"malformed", "a-field-with-no-plain-name", "message-too-large", "type"}, said


@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_no_part_of_a_hostile_file_is_taken_as_a_reading(alive: Play, tmp_path: Path, data: st.DataObject) -> None:
    files = st.sampled_from([content[:5_000] for content in hostile().values()])
    one, other = data.draw(files), data.draw(files)
    content = one[: data.draw(st.integers(0, len(one)))] + other[data.draw(st.integers(0, len(other))) :]
    with pytest.raises(PeelianError):
        decoded(Brought("message", content, alive, tmp_path))
