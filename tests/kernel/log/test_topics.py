"""A part of the state rests on entries of its topics alone: no kind that it looks at is of another."""

from __future__ import annotations

import inspect
import re
from collections import Counter

import pytest

from peelian.kernel.log.topics import _KINDS, topic_of
from peelian.kernel.model.retention_schedule import fold_retention
from peelian.kernel.state.record_index import FOLLOWING, NEWEST, RECORDS
from peelian.kernel.state.state import PARTS
from peelian.wording.labels import KINDS

NAMED_ELSEWHERE = {"retention": {*re.findall(r'"([A-Z_]+)"', inspect.getsource(fold_retention))}}
NAMED_ELSEWHERE["records"] = {*RECORDS.values(), *NEWEST, *FOLLOWING}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_looks_at_no_kind_of_another_topic(part: str) -> None:
    declared = PARTS[part]
    source = inspect.getsource(declared.fold) + (inspect.getsource(declared.make) if part != "noised" else "")
    looked_at = (set(re.findall(r'"([A-Z][A-Z_]+)"', source)) & KINDS.keys()) | NAMED_ELSEWHERE.get(part, set())
    assert {kind for kind in looked_at if topic_of(kind) not in declared.topics} == set()
    assert looked_at or part == "noised"


def test_a_kind_is_of_one_topic_and_each_topic_is_of_a_part() -> None:
    counted = Counter(kind for kinds in _KINDS.values() for kind in kinds.split())
    assert set(counted.values()) == {1} and counted.keys() <= KINDS.keys()
    assert _KINDS.keys() | {"alarms"} == {topic for part in PARTS.values() for topic in part.topics}


def test_steps_of_cases_are_of_none() -> None:
    assert {
        topic_of(kind)
        for kind in ("ASKED", "PERMITTED", "STARTED", "OPENED", "OPENED_SET", "OPENING_REFUSED", "RAN", "DECIDED")
    } == {""}
