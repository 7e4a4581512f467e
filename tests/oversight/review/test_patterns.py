"""Each pattern begins where its limit says, and one below it does not."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.oversight.review import patterns as p
from peelian.oversight.review.accesses import Access
from peelian.oversight.review.people import Employee, Lists, Shift, Subject

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def access(index: int, **changes: object) -> Access:
    told: dict[str, object] = {
        "index": index,
        "at": NINE + timedelta(minutes=index),
        "kind": "ACCESSED",
        "by": "anna",
        "unit": "records",
        "dataset": "d",
        "case": "c",
        "subject": f"p{index}",
        "action": "read",
        "session": f"s{index}",
        "address": "a1",
        "batch": f"b{index}",
    }
    return Access(**(told | changes))  # type: ignore[arg-type]


def found(seen: list[Access], lists: Lists | None = None) -> dict[str, tuple[int, ...]]:
    return {pattern.rule: pattern.entries for pattern in p.patterns(seen, lists or Lists())}


def test_nothing_stands_out_of_ordinary_accesses() -> None:
    assert found([access(i, by=f"o{i % 3}") for i in range(30)]) == {}


def test_a_crowd_is_four_people_or_five_occasions_within_a_week() -> None:
    four = [access(i, by=f"o{i}", subject="x") for i in range(4)]
    assert found(four) == {"crowding": (0, 1, 2, 3)} and found(four[:3]) == {}
    again = [access(i, subject="x") for i in range(5)]
    assert found(again)["crowding"] == (0, 1, 2, 3, 4) and found(again[:4]) == {}
    spread = [access(i, by=f"o{i}", subject="x", at=NINE + timedelta(days=3 * i)) for i in range(4)]
    assert found(spread) == {}


def test_a_print_of_many_people_and_a_session_that_reads_many() -> None:
    pages = [access(i, batch="b", action="print", session="s") for i in range(25)]
    assert set(found(pages)) == {"bulk_print"} and found(pages[:24]) == {}
    reads = [access(i, session="s") for i in range(40)]
    assert set(found(reads)) == {"bulk_read"} and found(reads[:39]) == {}
    slow = [access(i, session="s", at=NINE + timedelta(minutes=2 * i)) for i in range(40)]
    assert found(slow) == {}


def test_a_borrowed_session_names_only_the_entries_from_the_odd_address() -> None:
    usual = [access(i) for i in range(5)]
    shared = [access(5, session="s"), access(6, session="s", address="a9"), access(7, session="s")]
    assert found([*usual, *shared]) == {"borrowed_session": (6,)}


def test_a_log_on_bound_to_an_address_stands_out_elsewhere() -> None:
    vendor = Employee(token="anna", subject="", surname="", gender="", addresses=("a1",))
    assert found([access(0), access(1, address="a2")], Lists(staff={"anna": vendor})) == {"wrong_address": (1,)}


def test_self_kin_and_leavers() -> None:
    anna = Employee(token="anna", subject="p0", surname="roe", gender="f", left="2026-03-01")
    roe = Subject(token="p1", name="R", surname="roe", gender="m")
    lists = Lists(staff={"anna": anna}, subjects={"p1": roe})
    assert found([access(0), access(1)], lists) == {"self": (0,), "same_surname": (1,), "former_employee": (0,)} | {
        "former_employee": (1,)
    }


def test_off_duty_judges_only_those_on_the_roster_and_allows_half_an_hour() -> None:
    lists = Lists(shifts=(Shift(token="anna", starts=NINE, ends=NINE + timedelta(hours=1)),))
    assert found([access(80), access(95), access(96, by="bela")], lists) == {"off_duty": (95,)}


def test_one_sex_is_compared_with_what_everybody_else_looks_at() -> None:
    people = {f"p{i}": Subject(token=f"p{i}", name="N", surname="", gender="fm"[i % 2]) for i in range(200)}
    others = [access(i, by=f"o{i % 5}") for i in range(100)]
    women = [access(i) for i in range(100, 140, 2)]
    assert "one_sex_skew" in found([*others, *women], Lists(subjects=people))
    assert "one_sex_skew" not in found([*others, *women[:-1]], Lists(subjects=people))
    everybody = [access(i) for i in range(100, 180, 2)] + [access(i, by="o") for i in range(0, 80, 2)]
    assert "one_sex_skew" not in found(everybody, Lists(subjects=people))


@settings(deadline=None)
@given(st.integers(1, 30), st.data(), st.floats(0.05, 0.95))
def test_the_binomial_chance_is_scipys(n: int, data: st.DataObject, share: float) -> None:
    from scipy.stats import binomtest

    k = data.draw(st.integers(0, n))
    assert math.isclose(p.binomial_two_sided(k, n, share), binomtest(k, n, share).pvalue, rel_tol=1e-6)


@pytest.mark.parametrize("rule", p.RULES)
def test_every_pattern_takes_nothing_calmly(rule: p.Rule) -> None:
    assert list(rule([], Lists(), p.Limits())) == []
