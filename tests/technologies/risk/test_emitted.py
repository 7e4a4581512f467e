"""What the public sees: everyone's figures, groups' verdicts, and nothing that counts 1 to 10 people."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Emit, Findings, Note
from peelian.kernel.model.tables import amount, count, group, level
from peelian.measure.table import Table
from peelian.technologies.risk.publication import everyone_in_public, few

FOUND = Emit(
    table="t",
    title="figures",
    columns={"group": group("Group"), "value": amount("Value"), "n": count("People"), "verdict": level("Verdict")},
)
ROWS = [
    {"group": "everyone", "value": 0.5, "n": 100, "verdict": ""},
    {"group": "Male", "value": 0.4, "n": 60, "verdict": "lower"},
]
NOTES = (
    Note(text="a", values={"group": "Male", "share": 40.0}),
    Note(text="b", values={"group": "everyone"}),
    Note(text="c"),
)


def shown(rows: Table) -> np.ndarray:
    return np.ones(len(rows), dtype=bool)


def test_groups_keep_their_verdict_and_lose_their_numbers() -> None:
    public = everyone_in_public(Findings(tables=(FOUND.of_rows(ROWS),), notes=NOTES), shown)
    first, second = public.table("t").records()
    assert (first["value"], first["n"]) == (0.5, 100)
    assert np.isnan(second["value"]) and second["n"] == 0 and second["verdict"] == "lower"
    assert [note.text for note in public.notes] == ["b", "c"]


def test_what_tells_of_a_hidden_figure_is_left_out_with_it() -> None:
    found = Findings(tables=(FOUND.of_rows(ROWS),), notes=NOTES)
    public = everyone_in_public(found, lambda rows: ~shown(rows), frozenset({"c"}))
    assert np.isnan(public.table("t")["value"]).all() and [note.text for note in public.notes] == ["b"]


def test_a_share_that_counts_or_leaves_out_few_is_found() -> None:
    shares = np.array([0.05, 0.95, 0.5, 0.0, 1.0, np.nan])
    assert few(shares, np.full(6, 100)).tolist() == [True, True, False, False, False, False]
