"""Proves that a trial's page says both denominators and its stop rule, and that small counts stay inside."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import NotEnoughData
from peelian.measure.table import Kind, table
from peelian.pictures.panels import Heading, Paragraph
from peelian.pictures.words import english
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.field_trial.case import (
    CONSENTING,
    EXAMPLE,
    NO_STOP,
    NOT_STOPPED,
    STOPPED,
    WENT_ON,
    example_trial,
    public_field,
    run,
    view,
)
from peelian.technologies.faces.field_trial.declared import FieldParams
from peelian.technologies.faces.formats.field import FORMATS


def ran(context, params=None, **changed):
    text = {k: (Kind.PERSONAL, np.array(v, dtype=object)) for k, v in {**EXAMPLE, **changed}.items()}
    made = FORMATS[0].convert(table("text", text), {}).table
    return run(params or FieldParams(), {"trial": dataset("t", "face-field-trial", made, {})}, context)


def texts(found):
    return {note.text for note in found.notes}


def test_the_page_begins_with_its_answer_and_says_what_it_never_does(context):
    panels = view(run(FieldParams(), {"trial": example_trial()}, context), english)
    assert [p.text for p in panels if isinstance(p, Heading)] == [
        "How sure this is", "Whom it touches", "What is not known", "Figures",
    ]  # fmt: skip
    said = " ".join(p.text for p in panels if isinstance(p, Paragraph))
    assert "of faces, one in 2,543" in said and "3.46% of alerts" in said
    assert CONSENTING in said


@pytest.mark.parametrize(
    ("planned", "said"),
    [
        (0, {NO_STOP}),
        (150_000, {NOT_STOPPED}),
        (20_000, {STOPPED, WENT_ON}),
        (100_000, {NOT_STOPPED, WENT_ON}),
    ],
)
def test_the_stop_rule(context, planned, said):
    found = ran(context, FieldParams(planned_faces=planned))
    assert texts(found) & {NO_STOP, NOT_STOPPED, STOPPED, WENT_ON} == said


def test_the_public_sees_no_small_count_and_none_that_follows(context):
    found = ran(context, false_alerts=("31", "6"), true_alerts=("671", "649"))
    public = public_field(found)
    assert "errors" not in public.table("field")
    rows = {(r["measure"], r["group"]): r for r in public.table("field").records()}
    for measure in ("false alerts per face seen", "false alerts per alert"):
        assert np.isnan(rows[(measure, "male")]["rate"]) and np.isnan(rows[(measure, "female")]["rate"])
        assert not np.isnan(rows[(measure, "all")]["rate"]), "with two hidden, the total tells neither"
    few = public_field(ran(context, false_alerts=("3", "2"), true_alerts=("699", "653")))
    assert not any(note.values.get("errors") == 5 for note in few.notes)
    assert all(np.isnan(r["rate"]) for r in few.table("field").records() if "alert" in r["measure"])


def test_a_trial_in_which_nothing_happened(context):
    nothing = dict.fromkeys(EXAMPLE, ("0", "0")) | {"group": ("female", "male"), "most_passages": ("", "")}
    with pytest.raises(NotEnoughData):
        ran(context, **nothing)
