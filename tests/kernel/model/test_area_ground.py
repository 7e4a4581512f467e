"""Area ground keeps what a file gave and what of it is counted; attempts are in tests/limits/test_geographies.py."""

from __future__ import annotations

import pytest
from labels import own_square

from peelian.errors import InputError
from peelian.kernel.model.area_ground import with_ground
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary, body_of, outline_digest, vocabulary_of


def areas(*labels: Label, kind: LabelKind = LabelKind.AREA) -> Vocabulary:
    return Vocabulary(kind=kind, source="a census", labels=labels)


def test_an_area_that_counts_whole_keeps_its_text_and_its_digest() -> None:
    given = areas(Label(label="Riverdale", people=900, ground=own_square("Riverdale")))
    (kept,) = with_ground(given).labels
    assert kept.ground == given.labels[0].ground and not kept.given
    assert kept.outline == outline_digest(kept.ground)
    assert vocabulary_of(body_of(with_ground(given))) == with_ground(given)


def test_groups_have_no_ground() -> None:
    groups = areas(Label(label="Squad", people=40), kind=LabelKind.GROUP)
    assert with_ground(groups) == groups


def test_a_record_of_an_earlier_version_is_read_without_ground() -> None:
    body = {"kind": "area", "source": "a census", "labels": [["Centre", 5_000, "", 200, ""]]}
    (label,) = vocabulary_of(body).labels
    assert (label.label, label.homes, label.ground, label.given) == ("Centre", 200, "", "")


def test_outlines_too_long_for_one_record_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peelian.kernel.model.area_ground.MOST_TEXT", 10)
    with pytest.raises(InputError, match="outlines too long for one list"):
        with_ground(areas(Label(label="Riverdale", people=900, ground=own_square("Riverdale"))))
