"""The story of a loud square, as the safety officer of a town would tell it.

Every summer the square by the river fills. A vendor offered microphones that listen. I wanted a meter that does not.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from deciding import read_and_decide
from desk import Desk, desk
from watched import MemoryCheckpoints, listed

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.alarms import operator_desk, watch
from peelian.kernel.model.alarms import State
from peelian.kernel.model.capability import AuthorizationKind, Purpose


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk()


def test_an_alarm_is_earned_raised_decided_and_closed(town: Desk) -> None:
    kernel, people = town.kernel, town.people
    listening = watch.watch_named(kernel, "crowd.noise")
    made = listening.reducer().example()
    first = made.readings[0].time
    town.begins(first - timedelta(days=40))
    asked = {"purpose": "safety", "params": made.params, "sensors": made.sensors}

    # First the meter went into the public register. For 28 days from then on it would only be listened to in silence.
    for id in made.sensors:
        listed(town, id)

    # I asked for the watch at once. No: council had not spoken, nobody had assessed it, and nobody had tried it.
    with pytest.raises(Refused) as refused:
        watch.stand(kernel, people["analyst"], "crowd.noise", **asked)
    assert len(refused.value.reasons) == 3

    # The board wrote down its acceptance criteria, and only then did I run the detector over a day that the meter
    # had recorded.
    trial = kernel.capability("crowd.noise_trial")
    town.authorization(
        AuthorizationKind.ACCEPTANCE_CRITERIA,
        trial,
        trial.arithmetic().example().authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA],
    )
    levels = town.admit(trial.arithmetic().example().datasets["levels"], {Purpose.PROOF}, "levels").dataset
    permit = verbs.ask(
        kernel,
        people["analyst"],
        trial.id,
        purpose="proof",
        params=trial.arithmetic().example().params,
        datasets={"levels": levels},
    )
    evidence, found = verbs.run(kernel, people["analyst"], permit)
    assert "never sound" in " ".join(note.text for note in found.notes)
    words = {"reasons": "It is quiet when the square is.", "other_evidence": "document: The dispatchers' own notes."}
    read_and_decide(kernel, people["board"], evidence, choice="adopt", **words)

    # That was the accuracy report. With council's approval and the assessment, the watch stood.
    town.authorization(AuthorizationKind.COUNCIL_APPROVAL, listening, days=90)
    town.authorization(AuthorizationKind.IMPACT_ASSESSMENT, listening, days=90)
    permit = watch.stand(kernel, people["analyst"], "crowd.noise", **asked)
    kept = MemoryCheckpoints()
    town.clock.now = first - timedelta(seconds=1)
    standing = watch.begin(kernel, permit, kept)

    # On the first of June the square stayed loud. It took the watch less than a minute and a half to say so.
    for reading in made.readings:
        town.clock.now = max(town.clock.now, reading.time)
        watch.feed(kernel, standing, [reading])
    (alarm,) = kernel.state.alarms.floor.alarms.values()
    assert alarm.type == "noise" and alarm.facts["above_db"] >= 8
    assert alarm.raised_at - first - timedelta(seconds=2_200) <= timedelta(seconds=90)

    # Nothing was dispatched by it. The dispatcher looked, decided, and gave the alarm its end.
    dispatcher = people["dispatcher"]
    operator_desk.acknowledge(kernel, dispatcher, alarm.id)
    operator_desk.decide(kernel, dispatcher, alarm.id, choice="watch", reason="the brass band plays until ten")
    closed = operator_desk.dispose(kernel, dispatcher, alarm.id, disposition="crowd normal")
    assert closed.state is State.CLOSED
    assert "sound" not in town.kinds() and not [k for k in town.kinds() if "AUDIO" in k]
