"""What must hold before a step of an alarm is logged, or signed by the office: whose step it is, and after which.

The office takes what signals and the passing of time bring. It acknowledges, decides and shelves nothing, and closes
only what a person had disposed of, or permitted. What a watch saw is taken as it comes.
"""

from __future__ import annotations

from collections.abc import Mapping

from peelian.errors import OutOfOrder
from peelian.governance.alarms import STEPS_OF_THE_OFFICE, State
from peelian.governance.capability import Scalar
from peelian.governance.documents import AlarmStep
from peelian.governance.house import House
from peelian.governance.units import same_unit
from peelian.governance.watch import watch_named
from peelian.governance.wishes import OFFICE, Wish, must, must_be_let, must_be_of_their_unit

OPEN_TO_THE_OFFICE = frozenset({State.OPEN, State.GATHERING, State.SUPPRESSED, State.JOINED, State.SILENT})


def what_is_said(wish: Wish) -> Mapping[str, object]:
    document, move = wish.document, wish.document.move
    said = {key: str(move.get(key, "")) for key in ("zone", "type", "state", "level")}
    made: dict[str, Scalar] = {"alarm": document.alarm, "by": document.by, "before": document.before}
    return {**said, **made, "of": str(move.get("kind", "")), "case": str(move.get("watch", ""))}


def must_be_next(wish: Wish) -> None:
    """Of a watch that was let stand; a person's step is of somebody of another unit than the asker's, who may."""
    document: AlarmStep = wish.document
    step, watching = str(document.move.get("step", "")), wish.house.book.watching
    must(wish.kind == f"ALARM_{step.upper()}" and document.move.get("alarm") == document.alarm, "This is another step.")
    stand = watching.stands.get(str(document.move.get("watch", "")))
    if stand is None:
        raise OutOfOrder("this office has no such watch")
    latest = watching.latest.get(document.alarm, stand.mark)
    must(document.before == latest, "The alarm has changed meanwhile. View it again.")
    if document.by == OFFICE:
        must_be_a_step_of_the_office(wish.house, document)
        return
    declared, request = watch_named(wish.house, stand.request.watch), stand.request
    must_be_of_their_unit(wish)
    other = document.by != request.by and not same_unit(document.unit, request.unit)
    must(other, "The decider must belong to a different unit from the requester.")
    must_be_let(wish, declared.deciders, "the_decider_may_decide")


def must_be_a_step_of_the_office(house: House, document: AlarmStep) -> None:
    """OutOfOrder where a person takes this step. What a watch saw is taken as it comes; that it stands is known.

    The office acknowledges, decides and shelves nothing, and closes only what a person had disposed of or permitted.
    """
    move, watching = document.move, house.book.watching
    must(document.by == OFFICE and str(move.get("watch", "")) in watching.stands, "this office has no such watch")
    must(move.get("step") in STEPS_OF_THE_OFFICE, "Only a person can take this step.")
    alarm, state = watching.floor.alarms.get(document.alarm), str(move.get("state", ""))
    must(alarm is not None or document.alarm not in {**house.book.datasets, **house.book.queued}, "name already taken")
    closes = move.get("step") == "closed"
    must(closes == (state == State.CLOSED), "A closed alarm cannot be reopened.")
    if closes:
        ready = alarm is not None and (alarm.disposition or alarm.state in (State.SUPPRESSED, State.JOINED))
        must(ready, "An alarm can close only once a person has recorded its outcome.")
        return
    kept = alarm is not None and state == alarm.state
    cleared = alarm is not None and alarm.state is State.DECIDED and state == State.CLEARED
    must(kept or cleared or state in OPEN_TO_THE_OFFICE, "Only a person can bring an alarm into this state.")
