"""What is told of one group in tables of other shapes, as rates, and in sentences: each is a number of people, too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from released import editions, emit_of

from peelian.errors import Withheld
from peelian.kernel.disclosure.complementary_suppression import released
from peelian.kernel.disclosure.editions import _without_few_alone, beside_earlier
from peelian.kernel.disclosure.published_counts import shares, told_of
from peelian.kernel.disclosure.same_people import EVERYBODY, beside_other_shapes, people_in, without_echoes
from peelian.kernel.model.capability import Findings, Note
from peelian.measure.table import Kind, Table, table

GROUPS = ("everyone", "men", "women")
AXES = ("everyone", "sex", "sex")


def audit(n: Sequence[int], events: Sequence[int] = ()) -> Table:
    columns = {"axis": (Kind.GROUP, list(AXES)), "group": (Kind.GROUP, list(GROUPS)), "n": (Kind.COUNT, list(n))}
    if events:
        columns["events"] = (Kind.COUNT, list(events))
    return table("audit", columns, n="people")


def compared(n: Sequence[int]) -> Table:
    """The same people, twice: by measure."""
    columns = {
        "axis": (Kind.GROUP, list(AXES * 2)),
        "group": (Kind.GROUP, list(GROUPS * 2)),
        "metric": (Kind.LEVEL, ["auc"] * 3 + ["fpr"] * 3),
        "number": (Kind.COUNT, [*n, *(each // 2 for each in n)]),
    }
    return table("compared", columns, number="people")


WHOLE = {"whole": "everyone"}
EMITS = {"audit": emit_of(audit([1, 1, 1]), **WHOLE), "compared": emit_of(compared([1, 1, 1]), **WHOLE)}
FIRST = people_in([audit([900, 500, 400])], EMITS)


def left(n: Sequence[int], notes: tuple[Note, ...] = ()) -> tuple[set[str], int]:
    """Which groups of the comparison are public beside the audit, and how many sentences."""
    made = beside_other_shapes(Findings(tables=(compared(n),), notes=notes), [FIRST], EMITS)
    return set(made.tables[0]["group"].tolist()), len(made.notes)


def test_groups_are_known_whatever_the_table_and_measure() -> None:
    known = people_in([compared([900, 500, 400])], EMITS)
    assert known[EVERYBODY]["people"] == 900 and known["sex", "men"]["people"] == 500
    assert known["sex", "men"]["fpr people"] == 250


@pytest.mark.parametrize(
    ("n", "groups"),
    [
        ((900, 500, 400), {"everyone", "men", "women"}),
        ((940, 501, 439), {"everyone"}),  # one more of one group: all less the other would tell
        ((950, 550, 400), {"everyone", "men", "women"}),
        ((930, 530, 410), {"everyone"}),
    ],
)
def test_a_group_that_another_shape_tells_too_nearly_is_left_out(n: Sequence[int], groups: set[str]) -> None:
    notes = (Note(text="%(group)s.", values={"group": "men"}), Note(text="All."))
    assert left(n, notes) == (groups, 2 if "men" in groups else 1)


def test_everybody_who_is_told_too_nearly_withholds_all() -> None:
    with pytest.raises(Withheld) as held:
        left((901, 501, 400))
    assert [reason.rule for reason in held.value.reasons] == ["differences_stay_inside"]


def test_what_all_less_the_others_tell_is_no_small_difference_either() -> None:
    """A group that is not shown now: everybody less the other is it."""
    columns = {"axis": (Kind.GROUP, list(AXES[:2])), "group": (Kind.GROUP, list(GROUPS[:2]))}
    now = table("compared", {**columns, "n": (Kind.COUNT, [941, 540])}, n="people")
    made = beside_other_shapes(Findings(tables=(now,)), [FIRST], {"compared": emit_of(now, **WHOLE)})
    assert made.tables[0]["group"].tolist() == ["everyone"]


def rated(n: Sequence[int], late: Sequence[float]) -> Table:
    columns = {"place": (Kind.PLACE, list("abcd")[: len(n)]), "n": (Kind.COUNT, list(n))}
    return table("t", {**columns, "late": (Kind.RATE, list(late))})


def test_a_rate_of_a_few_is_left_out_and_so_is_one_of_all_but_a_few() -> None:
    one = Findings(tables=(rated([100, 100, 100, 100], [0.05, 0.5, 0.95, 0.0]),))
    kept, faults = released(one, one)
    assert kept.tables[0]["place"].tolist() == ["b", "d"] and not faults


def test_bounds_of_a_rate_are_no_number_of_people() -> None:
    assert [n.tolist() for _, n in shares(rated([100, 70], [0.123, 0.4567]))] == [[0, 0]]


def test_a_rate_whose_share_changed_by_a_few_stands_again() -> None:
    """Its base changed by thirty."""
    before, now = (
        Findings(tables=(rated(n, late),)) for n, late in (([100, 200], [0.5, 0.5]), ([130, 240], [0.4, 0.5]))
    )
    emits = {"t": emit_of(before.tables[0])}
    made, _ = beside_earlier(
        now, now, editions(before, emits=emits), emits, unpacked=lambda one: before, told=told_of(now)
    )
    assert list(made.findings.tables[0].rows()) == [("a", 100, 0.5), ("b", 240, 0.5)]


def test_a_declared_share_that_is_an_amount_is_compared_as_well() -> None:
    columns = {"place": (Kind.PLACE, ["a"]), "n": (Kind.COUNT, [200]), "best": (Kind.AMOUNT, [0.2])}
    assert dict(shares(table("t", columns))) == {}
    assert {k: n.tolist() for k, n in shares(table("t", columns), {"best": "n"})} == {"best of n": [40]}


def test_what_tells_a_rate_that_went_elsewhere_goes_with_it() -> None:
    criteria = table("criteria", {"reached": (Kind.AMOUNT, [0.05, 0.7])})
    notes = (Note(text="%(found).1f%%", values={"found": 5.0}), Note(text="%(found).1f%%", values={"found": 50.0}))
    before = Findings(tables=(rated([100, 100], [0.05, 0.5]), criteria), notes=notes, facts={"hit": 0.05, "other": 0.5})
    after = Findings(tables=(rated([100], [0.5]), criteria), notes=notes, facts=before.facts)
    made = without_echoes(before, after)
    assert made.tables[1]["reached"].tolist() == [0.7]
    assert [note.values["found"] for note in made.notes] == [50.0] and dict(made.facts) == {"other": 0.5}
    assert without_echoes(before, before) is before


@pytest.mark.parametrize(("n", "there"), [(5, False), (11, True), (0, True)])
def test_a_sentence_with_a_few_whom_no_table_counts_is_left_out(n: int, there: bool) -> None:
    public = Findings(tables=(), notes=(Note(text="%(n)d left out, %(days)d days.", values={"n": n, "days": 3}),))
    made = _without_few_alone(public, (), {"%(n)d left out, %(days)d days.": ("n",)})
    assert bool(made.notes) is there


def test_a_fact_that_no_table_counts_goes_where_it_changed_by_a_few() -> None:
    (before,) = editions(Findings(tables=(), facts={"n": 700, "cells": 300}))
    public = Findings(tables=(), facts={"n": 704, "cells": 304})
    assert dict(_without_few_alone(public, (before,), {"": ("n",)}).facts) == {"cells": 304}
    assert dict(_without_few_alone(public, (), {"": ("n",)}).facts) == {"n": 704, "cells": 304}


def test_tables_without_groups_tell_of_everybody_what_they_are_together() -> None:
    days = np.array(["2024-01-01", "2024-04-01"], dtype="M8[D]")
    columns = {"quarter": (Kind.TIME, np.tile(days, 2)), "metric": (Kind.LEVEL, ["auc", "auc", "high", "high"])}
    made = table("by_quarter", {**columns, "n": (Kind.COUNT, [40, 60, 40, 60])}, n="people")
    assert people_in([made], {"by_quarter": emit_of(made)})[EVERYBODY] == {
        "people": 100,
        "auc people": 100,
        "high people": 100,
    }
