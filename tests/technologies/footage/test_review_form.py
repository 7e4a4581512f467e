"""A form says the same plan back, notes what a person changed, and forgets no proposal."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import PLAN

from peelian.errors import InputError
from peelian.technologies.footage.proposal.review import BLANK_ROWS, BLANK_SPANS, faults_in, form_of, form_sent, plan_of

MOVING, STILL, GONE = PLAN.tracks


def form(**changes: Any) -> dict[str, list[str]]:
    """The fields as the page sends them when nothing is changed."""
    made = {"looked": ["yes"], "method": ["fill"], "reason": [""]}
    for row in form_of(PLAN).rows:
        for name in ("what", "state", "keys"):
            made[f"t{row.id}.{name}"] = [getattr(row, name).replace("\n", "\r\n")]
    made |= {"s1.start": ["0"], "s1.end": ["0.1"], "s1.how": ["silence"], "s2.start": [""], "s2.end": [""]}
    return {name: values for name, values in (made | changes).items() if values is not None}


def test_an_unchanged_form_keeps_every_track_as_it_was() -> None:
    plan = plan_of(form(), PLAN)
    assert plan.tracks == (dataclasses.replace(MOVING, state="kept"), STILL, GONE)
    assert plan.sound == PLAN.sound and plan.item == PLAN.item and not plan.reviewer


def test_a_moved_box_counts_as_drawn_by_hand() -> None:
    plan = plan_of(form(**{"t1.keys": ["6 8 4 19 15\n2 0 0 12 12"]}), PLAN)
    assert plan.tracks[0].keys == ((2, 0, 0, 12, 12), (6, 8, 4, 19, 15)) and plan.tracks[0].source == "manual"
    assert plan.tracks[0].score == MOVING.score


def test_a_new_box_and_a_new_span_are_taken() -> None:
    fields = form(**{"t4.keys": ["0 1 1 9 9"], "t4.what": ["plate"], "s2.start": ["0,2"], "s2.end": ["0.3"]})
    plan = plan_of(fields | {"s2.how": ["tone"]}, PLAN)
    assert [(t.id, t.what, t.source, t.state) for t in plan.tracks][-1] == (4, "plate", "manual", "kept")
    assert [(s.start, s.end, s.how) for s in plan.sound] == [(0, 100, "silence"), (200, 300, "tone")]


def test_a_proposal_that_the_form_lacks_is_dropped_and_not_forgotten() -> None:
    fields = {name: value for name, value in form().items() if not name.startswith("t1.")}
    assert {t.id: t.state for t in plan_of(fields, PLAN).tracks}[1] == "dropped"


def test_a_reason_goes_with_a_blur_only() -> None:
    with pytest.raises(InputError, match="without a blur"):
        plan_of(form(reason=["court_order"]), PLAN)
    blurred = plan_of(form(method=["blur"], reason=["court_order"]), PLAN)
    assert (blurred.method, blurred.reason) == ("blur", "court_order")


@pytest.mark.parametrize(
    "wrong",
    [
        {"looked": ["no"]},
        {"looked": None},
        {"t1.keys": ["2 0 0 10"]},
        {"t1.keys": ["2 0 0 ten 10"]},
        {"t1.keys": ["2 0 0 10 999"]},
        {"t1.keys": ["99 0 0 10 10"]},
        {"t1.what": ["suspect"]},
        {"t1.state": ["approved"]},
        {"method": ["mosaic"]},
        {"method": ["blur"]},
        {"t1.keys": ["2 0 0 10 10\n2 0 0 12 12"]},
        {"method": ["blur"], "reason": ["because"]},
        {"s1.start": ["soon"]},
        {"s1.end": ["nan"]},
        {"s1.start": ["2"], "s1.end": ["1"]},
        {"s1.how": ["bleep"]},
        {"s1.start": ["0.5"], "s1.end": ["0.6"]},  # the recording ends at 0.4
    ],
)
def test_what_is_wrong_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError) as told:
        plan_of(form(**wrong), PLAN)
    assert "suspect" not in str(told.value) and "because" not in str(told.value)


@pytest.mark.parametrize(
    "half",
    [
        {"s2.start": ["0.2"]},
        {"s2.end": ["0.2"]},
        {"s2.start": ["0.2"], "s2.end": None},
        {"s1.end": [" "]},
        {"s2.how": ["tone"]},
        {"s2.exempt": ["mfippa-14"]},
        {"t4.what": ["plate"]},
        {"t4.exempt": ["mfippa-14"]},
        {"t1.keys": [""]},
        {"t1.keys": ["\r\n"], "t1.state": ["to_review"]},
    ],
)
def test_half_a_row_is_refused_and_never_passed_over(half: dict[str, Any]) -> None:
    """A silence with only a start once let a voice go out: nothing typed may be lost without a word."""
    with pytest.raises(InputError):
        plan_of(form(**half), PLAN)


def test_a_box_that_is_dropped_needs_no_position() -> None:
    plan = plan_of(form(**{"t1.keys": [""], "t1.state": ["dropped"], "t4.state": ["dropped"]}), PLAN)
    assert [(t.id, t.state, t.keys) for t in plan.tracks][-1] == (1, "dropped", MOVING.keys) and len(plan.tracks) == 3


@given(st.dictionaries(st.sampled_from(sorted(form())), st.lists(st.text(max_size=12), min_size=1, max_size=2)))
def test_any_values_are_taken_or_refused(changes: dict[str, list[str]]) -> None:
    try:
        plan = plan_of(form(**changes), PLAN)
    except InputError:
        return
    assert all(track.state != "to_review" for track in plan.tracks)


def test_blank_rows_wait_for_boxes_drawn_by_hand() -> None:
    rows = form_of(PLAN).rows
    assert len(rows) == 3 + BLANK_ROWS and [r.id for r in rows[3:]] == [4, 5] and rows[3].keys == ""


WRONG = {"t1.keys": ["2 0 0 10 10\r\n3 soon"], "t5.what": ["plate"], "s2.start": ["0.2"], "s4.start": ["0.3"]}
WRONG |= {"s4.end": ["0,1"], "s4.how": ["tone"], "method": ["blur"], "exempt": ["mfippa-14"]}


def test_all_faults_are_told_at_once_each_at_its_field() -> None:
    faults = faults_in(form(**WRONG, looked=None), PLAN)
    assert list(faults) == ["t1.keys", "t5.keys", "s2.end", "s4.end", "reason", "looked"]
    assert (
        str(faults["t1.keys"].wrong) == "line 2: not a position"
        and faults["s4.end"].accepted == "more than 0.30 seconds"
    )
    assert faults_in(form(), PLAN) == {}


def test_what_was_sent_is_shown_again_as_it_was_typed() -> None:
    sent = form_sent(form(**WRONG), PLAN)
    shown = {row.id: row for row in sent.rows}
    assert (shown[1].keys, shown[1].source, shown[1].frames) == ("2 0 0 10 10\n3 soon", "manual", (2, 2))
    assert (shown[2].source, shown[3].source, shown[5].what) == ("manual", "automatic", "plate")
    assert [row.id for row in sent.rows] == [1, 2, 3, 5, 6, 7], "blank rows come after those that were filled in"
    spans = [(span.id, span.start, span.end, span.how) for span in sent.spans]
    assert spans[:3] == [(1, "0", "0.1", "silence"), (2, "0.2", "", "silence"), (4, "0.3", "0,1", "tone")]
    assert len(spans) == 3 + BLANK_SPANS
    assert (sent.method, sent.reason, sent.exempt, sent.looked) == ("blur", "", "mfippa-14", True)
    without = {name: value for name, value in form().items() if not name.startswith("t1.")}
    assert form_sent(without, PLAN).rows[0].state == "dropped"


@given(st.dictionaries(st.sampled_from(sorted(form())), st.lists(st.text(max_size=12), min_size=1, max_size=2)))
def test_a_form_without_a_fault_is_a_plan_and_every_form_can_be_shown_again(changes: dict[str, list[str]]) -> None:
    fields = form(**changes)
    assert form_sent(fields, PLAN).rows
    if faults_in(fields, PLAN):
        with pytest.raises(InputError):
            plan_of(fields, PLAN)
