"""Alarms move step by step, each a person's or the office's own; a program has the office take nobody's step."""

from __future__ import annotations

import ast
from datetime import timedelta

import pytest
from desk import set_head
from judged import court
from kinds import SOURCE
from toy_watch import FIRST, TOY_WATCH, wells
from watched import asker, stood

from peelian.errors import OutOfOrder
from peelian.kernel.alarms import operator_desk, watch
from peelian.kernel.model.alarms import STEPS, STEPS_OF_THE_OFFICE, moved
from peelian.kernel.model.documents import AlarmStep, digest_of, to_bytes
from peelian.kernel.state.alarm_state import body_of


def test_alarms_move_in_their_order_and_the_office_takes_no_persons_step() -> None:
    """A whole alarm is found right step by step; a program may not have the office acknowledge or close one."""
    there = court((TOY_WATCH,))
    set_head(there.town.kernel, furthest="")  # the story of a watch begins before the desk's own clock
    at = stood(town=there.town)
    kernel, dispatcher = there.town.kernel, there.town.people["dispatcher"]
    at.feed(wells([6.0, 6.5]))
    name = next(iter(kernel.state.alarms.floor.alarms))
    alarm = kernel.state.alarms.floor.at(name)
    for step, state, says in (
        ("acked", "acked", "Only a person can take this step."),
        ("decided", "decided", "Only a person can take this step."),
        ("closed", "closed", "can close only once"),
        ("called", "acked", "Only a person can bring"),
        ("called", "closed", "closed alarm cannot be reopened"),
        ("closed", "open", "closed alarm cannot be reopened"),
    ):
        move = body_of(moved(alarm, step, kernel.now())) | {"state": state}
        made = AlarmStep(
            alarm=name, before=kernel.state.alarms.latest[name], move=move, by="office", unit="office",
            at=kernel.now().isoformat(),
        )  # fmt: skip
        with pytest.raises(OutOfOrder, match=says):
            there.judge.may_sign(made, None)
        made = kernel.signed(made)  # as if it had
        kernel.stores.archive.put(digest_of(made), to_bytes(made))
        said = {"alarm": name, "zone": alarm.zone, "type": alarm.type, "level": str(alarm.level), "of": alarm.kind}
        more = {"by": "office", "state": state, "case": alarm.watch, "before": made.before, "document": digest_of(made)}
        there.refuses(there.entry(f"ALARM_{step.upper()}", **said, **more), says)
    operator_desk.acknowledge(kernel, dispatcher, name)
    raised = next(dict(entry) for _, entry in kernel.stores.log.read() if entry["kind"] == "ALARM_RAISED")
    there.refuses({**raised, "t": there.entry("X")["t"]}, "already in the log")
    operator_desk.decide(kernel, dispatcher, name, choice="watch", reason="the river rises")
    operator_desk.dispose(kernel, dispatcher, name, disposition="weather")
    at.feed(wells([1.0], first=FIRST + timedelta(seconds=9)))
    operator_desk.hand_over(kernel, dispatcher, to=there.town.people["commander"].person.token, words="all is calm")
    assert {"ALARM_RAISED", "ALARM_ACKED", "ALARM_CLOSED", "HANDED_OVER"} <= set(there.town.kinds())
    standing = next(dict(entry) for _, entry in kernel.stores.log.read() if entry["kind"] == "WATCH_STANDING")
    there.refuses({**standing, "t": there.entry("X")["t"], "sensors": 9}, "sensors differs from the document's")
    there.refuses(there.entry("SENSOR_WELL", case="w-none", sensor="s"), "no such watch")
    watch.end(kernel, there.town.people[asker(there.town, at.declared)], at.permit.case)
    there.refuses(there.entry("SENSOR_WELL", case=at.permit.case, sensor="s"), "no such watch")


def test_an_alarm_takes_no_name_that_a_dataset_has() -> None:
    """A legal hold on the one would be one on the other."""
    there = court((TOY_WATCH,))
    set_head(there.town.kernel, furthest="")
    at = stood(town=there.town)
    at.feed(wells([6.0, 6.5]))
    kernel, state = there.town.kernel, there.judge.kernel.state
    alarm = next(iter(kernel.state.alarms.floor.alarms.values()))
    move = body_of(moved(alarm, "raised", kernel.now())) | {"alarm": "wells-7", "state": "open"}
    made = AlarmStep(
        alarm="wells-7", before=at.permit.before, move=move, by="office", unit="office", at=kernel.now().isoformat()
    )
    there.judge.may_sign(made, None)
    for partition in (state.datasets, state.queued):
        partition["wells-7"] = next(iter(state.datasets.values()), object())  # type: ignore[assignment]
        with pytest.raises(OutOfOrder, match="name already taken"):
            there.judge.may_sign(made, None)
        del partition["wells-7"]
    there.judge.may_sign(made, None)


def test_the_steps_that_alarms_take_are_the_ones_that_have_rules() -> None:
    made = set()
    for name in ("model/alarms", "alarms/operator_actions", "alarms/transitions"):
        tree = ast.parse((SOURCE / "kernel" / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            given: list[ast.expr] = []
            if isinstance(node, ast.Call):
                given = [one.value for one in node.keywords if one.arg == "step"]
                given += node.args[1:2] if ast.unparse(node.func) == "moved" else []
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "step":
                given = [node.value]
            for one in given:
                found = [one.body, one.orelse] if isinstance(one, ast.IfExp) else [one]
                made |= {part.value for part in found if isinstance(part, ast.Constant)}
    assert made == STEPS and STEPS_OF_THE_OFFICE < STEPS
