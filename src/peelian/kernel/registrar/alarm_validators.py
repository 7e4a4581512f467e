"""Alarm validators: whose step an alarm's step is and what it may follow, before it is logged or signed.

The office takes what signals and the passing of time bring. It acknowledges, decides and partitions nothing, and closes
only what a person had disposed of, or permitted. What a watch saw is taken as it comes.
"""

from __future__ import annotations

from collections.abc import Mapping

from peelian.errors import OutOfOrder
from peelian.kernel.alarms.watch import watch_named
from peelian.kernel.model.alarms import STEPS_OF_THE_OFFICE, State
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.documents import AlarmStep
from peelian.kernel.model.org_units import same_unit
from peelian.kernel.registrar.append_request import OFFICE, AppendRequest, must, must_be_let, must_be_of_their_unit
from peelian.kernel.state.kernel import Kernel

OPEN_TO_THE_OFFICE = frozenset({State.OPEN, State.GATHERING, State.SUPPRESSED, State.JOINED, State.SILENT})


def what_is_said(append: AppendRequest) -> Mapping[str, object]:
    document, move = append.document, append.document.move
    said = {key: str(move.get(key, "")) for key in ("zone", "type", "state", "level")}
    made: dict[str, Scalar] = {"alarm": document.alarm, "by": document.by, "before": document.before}
    return {**said, **made, "of": str(move.get("kind", "")), "case": str(move.get("watch", ""))}


def must_be_next(append: AppendRequest) -> None:
    """Of a watch that was let stand; a person's step is of somebody of another unit than the asker's, who may."""
    document: AlarmStep = append.document
    step, watching = str(document.move.get("step", "")), append.kernel.state.alarms
    must(
        append.kind == f"ALARM_{step.upper()}" and document.move.get("alarm") == document.alarm, "This is another step."
    )
    stand = watching.stands.get(str(document.move.get("watch", "")))
    if stand is None:
        raise OutOfOrder("this office has no such watch")
    latest = watching.latest.get(document.alarm, stand.digest)
    must(document.before == latest, "The alarm has changed meanwhile. View it again.")
    if document.by == OFFICE:
        must_be_a_step_of_the_office(append.kernel, document)
        return
    declared, request = watch_named(append.kernel, stand.request.watch), stand.request
    must_be_of_their_unit(append)
    other = document.by != request.by and not same_unit(document.unit, request.unit)
    must(other, "The decider must belong to a different unit from the requester.")
    must_be_let(append, declared.asks.deciders, "the_decider_may_decide")


def must_be_a_step_of_the_office(kernel: Kernel, document: AlarmStep) -> None:
    """OutOfOrder where a person takes this step. What a watch saw is taken as it comes; that it stands is known.

    The office acknowledges, decides and partitions nothing, and closes only what a person had disposed of or permitted.
    """
    move, watching = document.move, kernel.state.alarms
    must(document.by == OFFICE and str(move.get("watch", "")) in watching.stands, "this office has no such watch")
    must(move.get("step") in STEPS_OF_THE_OFFICE, "Only a person can take this step.")
    alarm, state = watching.floor.alarms.get(document.alarm), str(move.get("state", ""))
    must(
        alarm is not None or document.alarm not in {**kernel.state.datasets, **kernel.state.queued},
        "name already taken",
    )
    closes = move.get("step") == "closed"
    must(closes == (state == State.CLOSED), "A closed alarm cannot be reopened.")
    if closes:
        ready = alarm is not None and (alarm.disposition or alarm.state in (State.SUPPRESSED, State.JOINED))
        must(ready, "An alarm can close only once a person has recorded its outcome.")
        return
    kept = alarm is not None and state == alarm.state
    cleared = alarm is not None and alarm.state is State.DECIDED and state == State.CLEARED
    must(kept or cleared or state in OPEN_TO_THE_OFFICE, "Only a person can bring an alarm into this state.")
