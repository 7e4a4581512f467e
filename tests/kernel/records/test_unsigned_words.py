"""Acts that nobody signs put no text of a person into the log: each word of theirs is of a list, or of the register."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from proofs import a_pass
from watched import Watched, stood

from peelian.errors import PeelianError
from peelian.kernel.alarms.watch import sensor_fault, sensor_well
from peelian.kernel.identity import sessions
from peelian.kernel.model.watch import FAULTS
from peelian.kernel.records.sensor_register import connection_back, connection_cut, message_refused
from peelian.kernel.verbs.warrant_lifecycle import collected

TEXTS = ("Jane Doe, 12 Main Street", "jane-doe", "jane_doe-416-555-0199", "0" * 64, "", "é", "flat\n")
Act = Callable[[Watched, str], object]
ACTS: dict[str, Act] = {
    "a fault": lambda at, text: sensor_fault(at.town.kernel, at.permit.case, "well-1", text),
    "a sensor at fault": lambda at, text: sensor_fault(at.town.kernel, at.permit.case, text, "flat"),
    "a sensor that is well": lambda at, text: sensor_well(at.town.kernel, at.permit.case, text),
    "a connection": lambda at, text: connection_cut(at.town.kernel, text, "stopped"),
    "a reason": lambda at, text: connection_cut(at.town.kernel, "mqtt", text),
    "a connection that is back": lambda at, text: connection_back(at.town.kernel, text),
    "an address": lambda at, text: sessions.locked(at.town.kernel, text),
    "a session's end": lambda at, text: sessions.session_over(at.town.kernel, "s-1", why=text, by=_clerk(at)),
}


def _clerk(at: Watched) -> str:
    token: str = at.town.people["clerk"].person.token
    return token


@pytest.fixture(scope="module")
def at() -> Watched:
    made = stood()
    kernel, clerk = made.town.kernel, made.town.people["clerk"]
    sessions.session_began(kernel, clerk.person.token, "s-1", how="key", proof=a_pass(kernel, clerk))
    return made


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("act", ACTS)
def test_what_is_of_no_list_is_refused_and_nothing_is_logged(at: Watched, act: str, text: str) -> None:
    size = at.town.kernel.stores.log.size()
    with pytest.raises(PeelianError):
        ACTS[act](at, text)
    assert at.town.kernel.stores.log.size() == size


def test_what_is_of_the_lists_is_logged(at: Watched) -> None:
    kernel, case = at.town.kernel, at.permit.case
    for why in sorted(FAULTS):
        sensor_fault(kernel, case, "well-1", why)
        assert kernel.state.alarms.faults["well-1"][0] == why
        sensor_well(kernel, case, "well-1")
    connection_cut(kernel, "mqtt", "refused by the broker")
    connection_back(kernel, "mqtt")
    sessions.locked(kernel, "0123456789abcdef0123")
    sessions.session_over(kernel, "s-1", why="off", by=_clerk(at))
    assert at.town.kinds()[-4:] == ["GATEWAY_CUT", "GATEWAY_BACK", "LOG_ON_LOCKED", "SESSION_ENDED"]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("/uplink/peopleCount", "peoplecount"),
        ("plate_number", "plate-number"),
        ("malformed", "malformed"),
        ("message-too-large", "message-too-large"),
        ("a_sensor_says_what_it_is_registered_for", "a-sensor-says-what-it-is-registered-for"),
        *[(text, "a-field-with-no-plain-name") for text in (*TEXTS[:4], "tel4165550199", "x" * 40, "a/b c")],
    ],
)
def test_a_refused_message_tells_a_plain_field_or_that_there_is_none(at: Watched, field: str, told: str) -> None:
    message_refused(at.town.kernel, "Jane Doe", field)
    (*_, (_, entry)) = at.town.kernel.stores.log.read()
    assert (entry["kind"], entry["sensor"], entry["field"]) == ("MESSAGE_REFUSED", "unregistered", told)


def test_readings_under_a_warrant_are_those_of_a_sensor_of_the_register(
    at: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    within: Any = lambda *_: None  # noqa: E731 - a warrant that is in force
    monkeypatch.setattr("peelian.kernel.verbs.warrant_lifecycle._must_be_in_force", within)
    with pytest.raises(PeelianError, match="not registered"):
        collected(at.town.kernel, "0" * 64, "Jane Doe", readings=1)
