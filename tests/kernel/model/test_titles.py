"""Titles of cases: one line of the requester's own, else what the capability, the data or the day say."""

from __future__ import annotations

import dataclasses

import pytest
import toy

from peelian.errors import InputError
from peelian.kernel.model.parameters import must_be_within
from peelian.kernel.model.titles import Titled, title_of
from peelian.operations.office import technologies

AT = "2026-03-02T09:00:00+00:00"


def test_what_a_case_is_called_comes_from_the_first_that_says_it() -> None:
    assert title_of(toy.COUNT, {"title": "Wells of Elgin"}, AT, ["Wells 2025"]) == "Wells of Elgin"
    assert title_of(toy.COUNT, {}, AT, ["Wells 2025"]) == "Count wells: Wells 2025"
    assert title_of(toy.COUNT, {}, AT) == "Count wells, 2026-03-02"
    asks = dataclasses.replace(toy.COUNT.asks, titled=lambda params: f"Wells deeper than {params['metres']} m")
    named = dataclasses.replace(toy.COUNT, asks=asks)
    assert title_of(named, {"metres": 3}, AT) == "Wells deeper than 3 m"
    assert title_of(named, {}, AT) == "Count wells, 2026-03-02", "of a destroyed request nothing is known"


@pytest.mark.parametrize("title", ["x" * 101, "two\nlines", "\u202egnp.exe"])
def test_a_title_is_one_short_line(title: str) -> None:
    with pytest.raises(InputError, match="title"):
        must_be_within(Titled(title=title))


@pytest.mark.parametrize("capability", [c for t in technologies() for c in t.capabilities], ids=lambda c: c.id)
def test_no_case_is_called_by_its_capability_alone(capability: object) -> None:
    example = capability.arithmetic().example()  # type: ignore[attr-defined]
    params = {field.name: getattr(example.params, field.name) for field in dataclasses.fields(example.params)}
    title = title_of(capability, params, AT)  # type: ignore[arg-type]
    assert title not in (capability.title, "") and "%(" not in title  # type: ignore[attr-defined]
