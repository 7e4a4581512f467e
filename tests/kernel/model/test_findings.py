"""Findings survive packing to the last bit, and damage is found."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import IntegrityError
from peelian.kernel.model.capability import Findings, Note
from peelian.kernel.model.findings import digest_of_bytes, outline, pack, unpack
from peelian.measure.table import Kind, table

FOUND = Findings(
    tables=(
        table("a", {"place": (Kind.PLACE, ["é", ""]), "x": (Kind.AMOUNT, [0.1, float("nan")])}, x="m"),
        table("b", {"at": (Kind.TIME, np.array(["2026-01-01T05"], dtype="datetime64[h]"))}),
    ),
    notes=(Note(text="n is %(n)d", values={"n": 3}, kind="caveat"),),
    facts={"share": 0.25, "ok": True},
)


def test_what_is_packed_comes_back() -> None:
    back = unpack(pack(FOUND))
    assert back.notes == FOUND.notes and back.facts == FOUND.facts
    assert [t.names for t in back.tables] == [t.names for t in FOUND.tables]
    assert back.table("a").column("x").unit == "m"
    assert np.isnan(back.table("a")["x"][1]) and back.table("a")["place"].tolist() == ["é", ""]
    assert digest_of_bytes(pack(back)) == digest_of_bytes(pack(FOUND))


@pytest.mark.parametrize("cut", [0, 1, 10, 100])
def test_damaged_findings_are_found(cut: int) -> None:
    for read in (unpack, outline):
        with pytest.raises(IntegrityError):
            read(pack(FOUND)[:cut])


def test_an_outline_has_the_notes_and_the_columns_of_every_table() -> None:
    assert outline(pack(FOUND)) == (FOUND.notes, frozenset({"place", "x", "at"}))
