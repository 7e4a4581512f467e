"""Every door has its row and every row its door: no way by which data come in or leave is forgotten.

What is walked is what the program itself serves: the routes of a whole office's pages, the tree of commands, the
functions and methods of both libraries, the acts and questions of the registrar, the tasks, topics and views.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from desk import desk
from hypothesis import given
from hypothesis import strategies as st
from reached import reached, reads_state
from starlette.routing import Route

import peelian
import peelian.audit.doors as of_audit
import peelian.integrations.doors as of_programs
import peelian.kernel.verbs.doors as of_kernel
import peelian.oversight.doors as of_oversight
import peelian.places.doors as of_places
import peelian.web.addresses as of_pages
import reference_pages
from peelian import audit, places
from peelian.acts import registry
from peelian.cli.contents import every_command
from peelian.integrations import counting_workers
from peelian.integrations.alarm_forwarding import Sink
from peelian.integrations.registrar_acts import QUESTIONS
from peelian.kernel.model.doors import Door, Enters, Leaves, Suspended
from peelian.kernel.state.acts import ACTS
from peelian.operations.office import Office
from peelian.storage.schema import VIEWS
from peelian.web.app import make_app
from peelian.web.footage.review import ReviewDesk
from peelian.web.sensors.readings import readings_app
from peelian.web.tasks.pages import TASKS

SOURCE = Path(peelian.__file__).parent


@cache
def every_module() -> tuple[str, ...]:
    """Every module of the program, imported: an act is known once its module is."""
    found = [one.name for one in pkgutil.walk_packages(peelian.__path__, "peelian.")]
    found = [name for name in found if "migrations" not in name and not name.endswith("__main__")]
    for name in found:
        importlib.import_module(name)
    return tuple(found)


def routes(app: Any) -> Iterator[str]:
    """Each method and address of an application."""
    for route in app.router.routes:
        assert isinstance(route, Route) or hasattr(route, "methods"), f"a door that nobody knows how to walk: {route}"
        yield from (f"{method} {route.path}" for method in route.methods - {"HEAD"})


def at_the_pages() -> Iterator[str]:
    """A whole office's pages: those of the staff, of everybody, and of one review."""
    town, provider = desk(), SimpleNamespace(name="City")
    known = dataclasses.replace(town.office.authentication(), provider=provider)
    review = ReviewDesk(town.office, town.people["clerk"])
    with patch.object(Office, "authentication", lambda office: known):
        yield from routes(make_app(town.office, review=review))
    yield from routes(make_app(town.office, public=True))


def commands() -> Iterator[str]:
    """Every command that does something: groups of commands do not."""
    names = {" ".join(words[1:]) for words in reference_pages.command_names()}
    return (name for name in names if not any(other.startswith(f"{name} ") for other in names))


def of_library(library: ModuleType) -> Iterator[str]:
    """Every public function of a library, and every public method and property of its classes."""
    for name in library.__all__:
        found = getattr(library, name)
        if inspect.isclass(found):
            members = ((one, inspect.getattr_static(found, one)) for one in dir(found) if not one.startswith("_"))
            yield from (f"{name}.{one}" for one, member in members if callable(member) or is_lazy(member))
        elif callable(found):
            yield name


def is_lazy(member: Any) -> bool:
    return isinstance(member, (property, classmethod, staticmethod)) or hasattr(member, "__set_name__")


def acts(room: str) -> Iterator[str]:
    """Every act of a room of the program."""
    every_module()
    for name, verb in ACTS.items():
        module, _, own = name.rpartition(".")
        if name.startswith(room) and getattr(getattr(sys.modules[module], own), "__wrapped__", None) is verb:
            yield name.removeprefix(room)  # tests make acts of their own, which no program has


def in_workers() -> Iterator[str]:
    """What a run calls in a worker: functions of three arguments, `(shared, part, progress)`."""
    for name, found in vars(counting_workers).items():
        if inspect.isfunction(found) and list(inspect.signature(found).parameters)[0:3:2] == ["shared", "progress"]:
            yield name


def calls(method: str) -> Iterator[tuple[str, str]]:
    """Where the program calls a method of this name on anything, and with what first argument."""
    for path in SOURCE.rglob("*.py"):
        if f".{method}(" in (text := path.read_text(encoding="utf-8")):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
                    yield path.relative_to(SOURCE).as_posix(), ast.unparse(node.args[0]) if node.args else ""


def topics() -> Iterator[str]:
    """Topics that are subscribed to, with PREFIX for the setting of that name."""
    for _, topic in calls("subscribe"):
        yield ast.literal_eval(topic.removeprefix("f").replace("{self.broker.prefix}", "PREFIX"))


def test_nothing_is_sent_to_a_topic() -> None:
    """What is published over MQTT is a demonstration's own made-up readings. The verb publish has the kernel first."""
    found = {where for where, given in calls("publish") if "kernel" not in given and "self" not in given}
    assert found == {"demos/crowd.py"}


def receivers() -> Iterator[str]:
    """What tells another system of a step of an alarm."""
    for module in map(importlib.import_module, every_module()):
        for name, found in vars(module).items():
            public = inspect.isclass(found) and found.__module__ == module.__name__ and found is not Sink
            if public and hasattr(found, "tell") and hasattr(found, "again"):
                yield name


KINDS: dict[str, tuple[tuple[Door, ...], Callable[[], Iterable[str]]]] = {
    "addresses of the pages": ((*of_pages.DOORS, *of_pages.REVIEW), at_the_pages),
    "addresses of the listener": (of_pages.LISTENER, lambda: routes(readings_app(lambda *_: ""))),
    "tasks": (tuple(registry.doors()), lambda: TASKS),
    "commands": (tuple(one.door for one in every_command()), commands),
    "places": (of_places.DOORS, lambda: of_library(places)),
    "audit": (of_audit.DOORS, lambda: of_library(audit)),
    "acts of the kernel": (of_kernel.DOORS, lambda: acts("peelian.kernel.")),
    "acts of oversight": (of_oversight.DOORS, lambda: acts("peelian.oversight.")),
    "questions of the registrar": (of_programs.REGISTRAR, lambda: QUESTIONS),
    "calls in a worker": (of_programs.WORKERS, in_workers),
    "topics": (of_programs.TOPICS, topics),
    "receivers of alarms": (of_programs.RECEIVERS, receivers),
    "views": (of_programs.VIEWS, lambda: [words.split()[2] for words in VIEWS["sqlite"]]),
}


@cache
def walked(kind: str) -> tuple[str, ...]:
    """Every door of a kind that is there."""
    return tuple(sorted(set(KINDS[kind][1]())))


def faults(kind: str, table: Sequence[Door]) -> dict[str, set[str]]:
    """Doors without a row, rows without a door, and rows that stand twice."""
    rows, there = Counter(door.name for door in table), set(walked(kind))
    twice = {name for name, n in rows.items() if n > 1}
    found = {"door without a row": there - set(rows), "row without a door": set(rows) - there, "twice": twice}
    return {fault: names for fault, names in found.items() if names}


@pytest.mark.parametrize("kind", KINDS)
def test_every_door_has_its_row_and_every_row_its_door(kind: str) -> None:
    assert faults(kind, KINDS[kind][0]) == {}


@given(data=st.data())
def test_whichever_row_is_taken_away_its_door_is_missed(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(KINDS)))
    table = KINDS[kind][0]
    gone = data.draw(st.sampled_from(table))
    assert faults(kind, [door for door in table if door is not gone]) == {"door without a row": {gone.name}}


def test_no_act_is_of_another_room() -> None:
    every_module()
    assert {name for name in ACTS if not name.startswith(("peelian.kernel.", "peelian.oversight."))} == set()


def test_a_row_that_lets_nothing_through_says_why() -> None:
    closed = [
        d for table, _ in KINDS.values() for d in table if (d.enters, d.leaves) == (Enters.NOTHING, Leaves.NOTHING)
    ]
    assert closed and all(door.why for door in closed)


def test_what_is_found_stops_at_every_door_or_is_looked_at_by_overseers() -> None:
    """But for an audit that was made in a notebook before, and lies in its memory."""
    for kind, (table, _) in KINDS.items():
        for door in table:
            if door.leaves in (Leaves.LOOK, Leaves.FILE, Leaves.DATA, Leaves.RECORDING) and kind != "audit":
                assert door.suspended not in (Suspended.GOES_ON, Suspended.ANY), door.name
            if door.suspended is Suspended.LOOKS:
                assert door.leaves is Leaves.LOOK, door.name


# ---- what must go on during a suspension: nothing that such an act mentions asks whether it is suspended

ACTING = (("peelian.kernel.", of_kernel.DOORS), ("peelian.oversight.", of_oversight.DOORS))
ASKS = {("peelian.kernel.policy.authorize", "why_stopped"), ("peelian.kernel.verbs.use_checks", "refusals_of")}
ASKS |= {("peelian.kernel.alarms.watch", "_must_pass")}
LIFTS = "test_one_person_lifts_nothing_and_a_proposal_is_good_for_one_suspension"
TEXTS = "test_a_text_is_of_its_suspension_alone"
OF_A_LIFT = ("what is proposed is read against a suspension only where it is to lift one or to except a case", LIFTS)
ITS_OWN = ("it is about the suspension itself", TEXTS)
PLAYED: Mapping[str, tuple[str, str]] = {
    "identity.dual_control.approve": OF_A_LIFT,
    "identity.dual_control.propose": OF_A_LIFT,
    "identity.enrolment.propose": OF_A_LIFT,
    "disclosure.signed_past.propose_past_signs": OF_A_LIFT,
    "disclosure.label_checks.propose_vocabulary": OF_A_LIFT,
    "disclosure.label_checks.propose_withdrawal": OF_A_LIFT,
    "verbs.sensor_batches.propose_sensors": OF_A_LIFT,
    "verbs.warrant_recording.record": OF_A_LIFT,
    "verbs.authorizations.explain_suspension": ITS_OWN,
    "verbs.authorizations.suspend": ITS_OWN,
    "verbs.evidence.failed": (
        "what the run kept goes at once where no run may go on from it",
        "test_a_run_that_fails_during_a_suspension_is_logged_as_failed",
    ),
    "alarms.watch.must_still_pass": (
        "it is asked so that a suspended watch is fed nothing more",
        "test_while_people_stand_there_alarms_plans_and_counts_are_left_to_people",
    ),
}
"""Acts that go on and ask of a suspension all the same: why, and the test of `test_suspension.py` that plays it."""
LATER = {
    "verbs.derivatives.making",
    "verbs.evidence.opens",
    "verbs.kept_parts.keeps_parts",
    "verbs.redaction_review.viewed",
    "verbs.worker_sets.opens_set",
}
"""Acts that stop although they ask nothing: they are of a run or a review that was judged when it began, and whose
openings and findings are judged again (`the_opening_is_permitted`, `_why_not_keep`)."""


def asks_of_a_suspension(act: str) -> bool:
    """Whether an act, or whatever it mentions in the kernel and oversight, asks if something is suspended."""
    found = reached(*act.rpartition(".")[::2])
    assert found, f"no such function: {act}"
    return any(one in ASKS or reads_state(one, "suspended") for one in found)


def test_an_act_that_goes_on_asks_nothing_of_a_suspension_or_is_played_in_one() -> None:
    asking, silent = set(), set()
    for room, table in ACTING:
        for door in table:
            goes_on = door.suspended in (Suspended.GOES_ON, Suspended.ANY)
            if goes_on is asks_of_a_suspension(room + door.name):
                (asking if goes_on else silent).add(door.name)
    assert asking == set(PLAYED), "an act that goes on and may be refused needs a test that plays it, suspended"
    assert silent == LATER, "an act that stops asks whether it is suspended"
    plays = ast.parse((Path(__file__).parent / "test_suspension.py").read_text(encoding="utf-8")).body
    assert {test for _, test in PLAYED.values()} <= {one.name for one in plays if isinstance(one, ast.FunctionDef)}


def test_how_many_doors_there_are() -> None:
    counts = Counter({kind: len(table) for kind, (table, _) in KINDS.items()})
    print(f"doors: {counts.total()} ({', '.join(f'{n} {kind}' for kind, n in counts.items())})")  # noqa: T201
    assert counts.total() > 600
