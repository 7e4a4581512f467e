"""A warrant's body is read strictly: what it does not name it does not cover."""

from __future__ import annotations

import pytest
from uses import BODY

from peelian.kernel.model.warrants import faults_of_a_warrant, scope_of


def test_what_is_not_named_is_not_covered() -> None:
    assert scope_of({}) == scope_of({"cells": "", "sensors": " , "})
    assert scope_of({"operations": "read , count,"}).operations == {"read", "count"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": "perhaps"}, "no status"),
        ({"reference": " "}, "no reference"),
        ({"operations": ","}, "lists no operations"),
        ({"count": 0}, "number of uses"),
        ({"count": True}, "number of uses"),
        ({"count": "3"}, "number of uses"),
        ({"count": 10**9}, "number of uses"),
    ],
)
def test_every_fault_is_named(change: dict[str, object], says: str) -> None:
    (fault,) = faults_of_a_warrant({**BODY, **change})  # type: ignore[dict-item]  # what a hostile body may hold
    assert says in fault.says and fault.remedy
    assert not list(faults_of_a_warrant(BODY))
