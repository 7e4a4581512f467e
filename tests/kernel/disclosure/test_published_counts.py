"""What an earlier release shows is known by what its rows are called, however they are spelled."""

from __future__ import annotations

from released import emit_of

from peelian.kernel.disclosure.published_counts import laid_out, named_rows, told_of
from peelian.kernel.model.capability import Findings, Note
from peelian.measure.table import Kind, Table, table


def of(labels: list[str]) -> Table:
    return table("t", {"area": (Kind.PLACE, labels), "n": (Kind.COUNT, list(range(11, 11 + len(labels))))})


def test_two_spellings_are_one_row_unless_both_are_there() -> None:
    assert named_rows(of(["ST. JAMES TOWN", "Éast"]), ("area",)) == (("st james town",), ("east",))
    assert named_rows(of(["A-1", "A1", "A 1"]), ("area",)) == (("A-1",), ("A1",), ("A 1",))


def test_cells_that_differ_in_a_sign_are_two() -> None:
    cells = ["250:12:-7", "250:12:7", "250:-12:7"]
    assert named_rows(of(cells), ("area",)) == tuple((cell,) for cell in cells)


def test_a_table_that_counts_nobody_or_whose_rows_have_one_name_is_not_compared() -> None:
    assert laid_out(of(["a", "a"]), emit_of(of(["a"]))) is None
    weeks = table("t", {"area": (Kind.PLACE, ["a"]), "n": (Kind.COUNT, [12])}, n="weeks")
    assert laid_out(weeks, emit_of(weeks)) is None
    layout, values = laid_out(of(["b", "a"]), emit_of(of(["a"]))) or (None, None)
    assert layout is not None and (layout.rows, values.tolist()) == ((("b",), ("a",)), [[11], [12]])


def test_numbers_that_might_count_people_are_known_by_what_names_them() -> None:
    notes = (
        Note(text="%(n)d of %(group)s", values={"n": 40, "group": "men", "share": 0.4}),
        Note(text="x", values={"k": 3}),
    )
    told = told_of(Findings(tables=(), notes=notes, facts={"people": 99, "year": 2026, "yes": True}), {"year"})
    assert told == {"fact people": 99, "note %(n)d of %(group)s group=men n": 40}
