"""A plan is kept only once a person reviewed it, and its description names nobody."""

from __future__ import annotations

import io

import pytest
from plans import PLAN

from peelian.errors import InputError
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.technologies.footage.formats.plan import facts_of, inspected, track_table
from peelian.technologies.footage.measure.plan import as_bytes, reviewed

REVIEWED = reviewed(PLAN, by="cd" * 10, at="2026-11-24T10:00:00Z")


def test_a_reviewed_plan_is_described_by_counts_and_words() -> None:
    taken = inspected(io.BytesIO(as_bytes(REVIEWED)), {})
    check_at_intake(taken)
    assert taken.table["state"].tolist() == ["kept", "kept", "dropped"]
    assert (taken.facts["tracks"], taken.facts["dropped"], taken.facts["by_hand"]) == (2, 1, 1)
    assert "cd" * 10 not in str(taken.facts)


def test_a_plan_that_nobody_reviewed_is_not_kept() -> None:
    with pytest.raises(InputError, match="plan not reviewed"):
        inspected(io.BytesIO(as_bytes(PLAN)), {})


def test_a_plan_without_tracks_has_a_table_without_rows() -> None:
    import dataclasses

    empty = dataclasses.replace(PLAN, tracks=(), sound=())
    assert len(track_table(empty)) == 0 and facts_of(empty)["tracks"] == 0
