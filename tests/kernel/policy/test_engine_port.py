"""What the kernel asks an engine: instants are UTC to the millisecond, references are entities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from peelian.errors import InputError
from peelian.kernel.policy.engine_port import EngineAtNeed, Question, entity, moment


def test_an_instant_is_utc_to_the_millisecond() -> None:
    assert moment(datetime(2026, 3, 2, 9, 0, 0, 999_999, tzinfo=UTC)) == "2026-03-02T09:00:00.999Z"
    east = timezone(timedelta(hours=5, minutes=30))
    assert moment(datetime(2026, 3, 2, 0, 15, tzinfo=east)) == "2026-03-01T18:45:00.000Z"


def test_an_engine_that_cannot_be_opened_answers_no_question() -> None:
    def damaged() -> EngineAtNeed:
        raise InputError("not a policy", accepted="a policy")

    engine = EngineAtNeed(damaged)
    asked = Question(person=("Person", "a"), action="ask", of=("Capability", "c"), context={})
    for _ in range(2):
        with pytest.raises(InputError, match="not a policy"):
            engine.forbidden_by(asked, [])
        with pytest.raises(InputError, match="not a policy"):
            engine.digest("bylaws")
        with pytest.raises(InputError, match="not a policy"):
            len(engine.bylaws)


def test_a_reference_is_an_entity() -> None:
    assert entity(("Person", "a")) == {"__entity": {"type": "Person", "id": "a"}}
