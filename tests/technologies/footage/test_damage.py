"""A damaged recording is kept as it is, with what can be decoded of it stated, and redacted as far as it goes."""

from __future__ import annotations

import io

import clips
import numpy as np
import pytest
from damaged import broken, cut, grouped
from desk import desk, entitle
from plans import Bench, kept
from vaults import plain

from peelian.errors import InputError
from peelian.kernel.model.documents import Declaration
from peelian.kernel.verbs import custody
from peelian.technologies.footage import TECHNOLOGY
from peelian.technologies.footage.formats.plan import DAMAGED
from peelian.technologies.footage.formats.video import IS_CUT, IS_DAMAGED, IS_UNREADABLE, inspect_video
from peelian.technologies.footage.measure.plan import as_bytes, plan_from, reviewed
from peelian.technologies.footage.measure.recording import first_seen, surveyed
from peelian.technologies.footage.proposal.case import run as propose
from peelian.technologies.footage.proposal.declared import ProposeParams
from peelian.technologies.footage.redaction.case import run as redact
from peelian.technologies.footage.redaction.declared import RedactParams

AT = {"recorded_at": "2026-03-02T14:05:00-05:00"}


def test_a_survey_counts_what_is_left() -> None:
    whole = surveyed(io.BytesIO(grouped()))
    assert (whole.pictures, whole.milliseconds, whole.faults) == (60, 2360, 0)
    left = surveyed(io.BytesIO(cut(grouped(), 33)))
    assert (left.pictures, left.milliseconds) == (33, 1280) and left.faults >= 1
    assert left.probe is not None and (left.probe.width, left.probe.height) == (64, 48)
    nothing = surveyed(io.BytesIO(b"this is a letter" * 40))
    assert nothing.probe is None and nothing.pictures == 0 and nothing.faults


def test_its_first_whole_picture_says_what_it_is() -> None:
    seen = first_seen(io.BytesIO(broken(grouped(), 0)))
    assert (seen.width, seen.height) == (64, 48)
    with pytest.raises(InputError):
        first_seen(io.BytesIO(b"x" * 1000))


def test_intake_states_it_and_keeps_every_byte() -> None:
    town, data = desk((TECHNOLOGY,)), broken(grouped(), 25)
    declared = Declaration(
        title="A stop", purposes=("disclosure",), legal_basis="a test", minimisation="as it came",
        retention_days=36_500, source="a camera", people="not_known",
    )  # fmt: skip
    entitle(town.kernel, town.people["council"])
    made = custody.keep(
        town.kernel, town.people["clerk"], declared, io.BytesIO(data), format="video", options=AT | {"damaged": "yes"}
    )
    assert made.facts["damaged"] == "yes" and made.facts["decodable_pictures"] == 55 and made.facts["faults"] == 1
    assert made.notes[0]["text"] == IS_DAMAGED and made.size == len(data)
    assert plain(town.kernel.stores.vault, made.object) == data


def test_what_is_cut_is_told_at_intake_without_being_asked() -> None:
    assert inspect_video(io.BytesIO(grouped()), AT).notes == ()
    taken = inspect_video(io.BytesIO(cut(grouped(), 33)), AT)
    assert taken.notes[0].text == IS_CUT and taken.facts["damaged"] == "cut"


@pytest.mark.parametrize("data", [b"letter" * 99, clips.sound_only()], ids=["no recording", "no picture"])
def test_what_cannot_be_read_is_turned_away_unless_somebody_says_that_it_is_damaged(data: bytes) -> None:
    with pytest.raises(InputError, match="set the option damaged=yes"):
        inspect_video(io.BytesIO(data), AT)
    taken = inspect_video(io.BytesIO(data), AT | {"damaged": "yes"})
    assert taken.notes[0].text == IS_UNREADABLE and taken.facts["container"] == "unreadable"
    with pytest.raises(InputError):
        inspect_video(io.BytesIO(data), AT | {"damaged": "perhaps"})


def test_redaction_refuses_it_until_asked_then_works_on_what_is_left_and_says_so() -> None:
    frames = [np.full((48, 64, 3), 3 * i, np.uint8) for i in range(30)]
    data = clips.written(frames, sound=clips.voice(1.2), front=True)
    data = broken(data, 20)
    with pytest.raises(InputError, match="damaged"):
        propose(ProposeParams(), {"item": kept(data)}, Bench().context())
    bench = Bench()
    found = propose(ProposeParams(damaged=True), {"item": kept(data)}, bench.context())
    plan = plan_from(bench.made["plan"])
    assert plan.pictures == 20 and DAMAGED in {note.text for note in found.notes}
    confirmed = reviewed(plan, by="ab" * 10, at="2026-11-24T10:00:00Z")
    data_of = {"item": kept(data), "plan": kept(as_bytes(confirmed))}
    with pytest.raises(InputError, match="damaged"):
        redact(RedactParams(), data_of, Bench().context())
    bench = Bench()
    done = redact(RedactParams(damaged=True), data_of, bench.context())
    assert done.table("outcome")["pictures"].tolist() == [20] and done.facts["faults"] >= 1
    assert DAMAGED in {note.text for note in done.notes}
    assert surveyed(io.BytesIO(bench.made["redacted"])).pictures == 20
