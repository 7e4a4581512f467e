"""Alarms move step by step, each a person's or the office's own; a program has the office take nobody's step."""

from __future__ import annotations

import ast
from datetime import timedelta

import pytest
from judged import court
from kinds import SOURCE
from toy_watch import FIRST, TOY_WATCH, wells
from watched import asker, stood

from peelian.errors import OutOfOrder
from peelian.governance import alarm_desk, watch
from peelian.governance.alarms import STEPS, STEPS_OF_THE_OFFICE, moved
from peelian.governance.documents import AlarmStep, mark_of, to_bytes
from peelian.governance.watching import body_of


def test_alarms_move_in_their_order_and_the_office_takes_no_persons_step() -> None:
    """A whole alarm is found right step by step; a program may not have the office acknowledge or close one."""
    there = court((TOY_WATCH,))
    there.judge.house.book.orders.furthest = ""  # the story of a watch begins before the desk's own clock
    at = stood(town=there.town)
    house, dispatcher = there.town.house, there.town.people["dispatcher"]
    at.feed(wells([6.0, 6.5]))
    name = next(iter(house.book.watching.floor.alarms))
    alarm = house.book.watching.floor.at(name)
    for step, state, says in (
        ("acked", "acked", "Only a person can take this step."),
        ("decided", "decided", "Only a person can take this step."),
        ("closed", "closed", "closes only what"),
        ("called", "acked", "a person brings"),
        ("called", "closed", "stays closed"),
        ("closed", "open", "stays closed"),
    ):
        move = body_of(moved(alarm, step, house.now())) | {"state": state}
        made = AlarmStep(
            alarm=name, before=house.book.watching.latest[name], move=move, by="office", unit="office",
            at=house.now().isoformat(),
        )  # fmt: skip
        with pytest.raises(OutOfOrder, match=says):
            there.judge.may_sign(made, None)
        made = house.signed(made)  # as if it had
        house.archive.put(mark_of(made), to_bytes(made))
        said = {"alarm": name, "zone": alarm.zone, "type": alarm.type, "level": str(alarm.level), "of": alarm.kind}
        more = {"by": "office", "state": state, "case": alarm.watch, "before": made.before, "mark": mark_of(made)}
        there.refuses(there.entry(f"ALARM_{step.upper()}", **said, **more), says)
    alarm_desk.acknowledge(house, dispatcher, name)
    raised = next(dict(entry) for _, entry in house.log.read() if entry["kind"] == "ALARM_RAISED")
    there.refuses({**raised, "t": there.entry("X")["t"]}, "stands in the log already")
    alarm_desk.decide(house, dispatcher, name, choice="watch", reason="the river rises")
    alarm_desk.dispose(house, dispatcher, name, disposition="weather")
    at.feed(wells([1.0], first=FIRST + timedelta(seconds=9)))
    alarm_desk.hand_over(house, dispatcher, to=there.town.people["commander"].person.token, words="all is calm")
    assert {"ALARM_RAISED", "ALARM_ACKED", "ALARM_CLOSED", "HANDED_OVER"} <= set(there.town.kinds())
    standing = next(dict(entry) for _, entry in house.log.read() if entry["kind"] == "WATCH_STANDING")
    there.refuses({**standing, "t": there.entry("X")["t"], "sensors": 9}, "sensors is not the document's")
    there.refuses(there.entry("SENSOR_WELL", case="w-none", sensor="s"), "no such watch")
    watch.end(house, there.town.people[asker(there.town, at.declared)], at.permit.case)
    there.refuses(there.entry("SENSOR_WELL", case=at.permit.case, sensor="s"), "no such watch")


def test_an_alarm_takes_no_name_that_a_dataset_has() -> None:
    """A legal hold on the one would be one on the other."""
    there = court((TOY_WATCH,))
    there.judge.house.book.orders.furthest = ""
    at = stood(town=there.town)
    at.feed(wells([6.0, 6.5]))
    house, book = there.town.house, there.judge.house.book
    alarm = next(iter(house.book.watching.floor.alarms.values()))
    move = body_of(moved(alarm, "raised", house.now())) | {"alarm": "wells-7", "state": "open"}
    made = AlarmStep(
        alarm="wells-7", before=at.permit.before, move=move, by="office", unit="office", at=house.now().isoformat()
    )
    there.judge.may_sign(made, None)
    for shelf in (book.datasets, book.queued):
        shelf["wells-7"] = next(iter(book.datasets.values()), object())  # type: ignore[assignment]
        with pytest.raises(OutOfOrder, match="name already taken"):
            there.judge.may_sign(made, None)
        del shelf["wells-7"]
    there.judge.may_sign(made, None)


def test_the_steps_that_alarms_take_are_the_ones_that_have_rules() -> None:
    made = set()
    for name in ("alarms", "alarm_acts", "alarm_moves"):
        tree = ast.parse((SOURCE / "governance" / f"{name}.py").read_text(encoding="utf-8"))
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
