"""The proposing capability writes a plan that waits for a review; it looks for faces only."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import clips
import numpy as np
import pytest
from plans import Bench, kept

from peelian.errors import InputError
from peelian.technologies.footage.formats.plan import public
from peelian.technologies.footage.measure.plan import plan_from
from peelian.technologies.footage.proposal.case import FROM_SIZE, LINKED, LOST, NO_PLATES, run
from peelian.technologies.footage.proposal.declared import PROPOSE, ProposeParams


@pytest.fixture(scope="module")
def clip() -> clips.Clip:
    return clips.clip(seed=3, pictures=10, audio=False)


def test_a_plan_is_made_and_described_and_waits_for_a_person(clip: clips.Clip) -> None:
    bench = Bench()
    found = run(ProposeParams(), {"item": kept(clip.data)}, bench.context())
    plan = plan_from(bench.made["plan"])
    assert plan.item == hashlib.sha256(clip.data).hexdigest()
    assert found.facts["tracks"] == found.facts["to_review"] == len(plan.tracks) >= 2
    assert set(found.table("tracks")["what"].tolist()) == {"face"}
    assert {NO_PLATES, LINKED} <= {note.text for note in found.notes}
    least = next(note for note in found.notes if note.text == FROM_SIZE)
    assert {k: v for k, v in least.values.items() if k != "seconds"} == {"least": 14, "width": 640, "height": 360}
    assert least.values["seconds"] == pytest.approx(20 / 25, rel=0.1), "one picture in 20 is looked at in full"


def test_the_public_sees_how_it_was_done_and_not_what_is_in_it(clip: clips.Clip) -> None:
    found = run(ProposeParams(), {"item": kept(clip.data)}, Bench().context())
    shown = public(found)
    assert shown.tables == () and "tracks" not in shown.facts and "item" not in shown.facts


def test_a_table_is_no_recording() -> None:
    item = dataclasses.replace(kept(b"x"), stream=None)
    with pytest.raises(InputError, match="not a recording"):
        run(ProposeParams(), {"item": item}, Bench().context())


@pytest.mark.parametrize(
    "wrong", [{"every": 3}, {"every": 0}, {"size": "tiny"}, {"threshold": 0.9}, {"threshold": 0.0}]
)
def test_a_parameter_out_of_range_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError) as told:
        PROPOSE.asks.check(ProposeParams(**wrong))
    assert told.value.column == next(iter(wrong))


def test_no_parameter_asks_for_a_person() -> None:
    assert {f.name for f in dataclasses.fields(PROPOSE.asks.params)} == {"size", "every", "threshold", "damaged"}


def test_a_face_that_is_lost_in_the_middle_of_the_picture_is_told(clip: clips.Clip) -> None:
    def turned(canvas: Any, faces: Any, rng: Any) -> Any:
        shown = faces[0].picture if faces else 0
        return (canvas if shown < 10 else np.full_like(canvas, 120)), faces

    made = clips.clip(seed=5, pictures=30, audio=False, change=turned)
    found = run(ProposeParams(every=1), {"item": kept(made.data)}, Bench().context())
    note = next(note for note in found.notes if note.text == LOST)
    assert note.values["lost"] == found.facts["lost"] >= 1
    whole = run(ProposeParams(), {"item": kept(clip.data)}, Bench().context())
    assert whole.facts["lost"] == 0 and LOST not in {note.text for note in whole.notes}
