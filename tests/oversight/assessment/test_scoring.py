"""The level is computed by the official tool's rules: stored answer sets stand on both sides of every threshold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from peelian.oversight.assessment.questions import official, shipped
from peelian.oversight.assessment.scoring import level_of, scored

SETS = json.loads((Path(__file__).parent / "answer_sets.json").read_text(encoding="utf-8"))
EXPECTED = [(name, stored) for name, stored in SETS.items()]


@pytest.mark.parametrize(("name", "stored"), EXPECTED, ids=[name for name, _ in EXPECTED])
def test_stored_answer_sets_come_to_their_stored_figures(name: str, stored: dict[str, Any]) -> None:
    found = scored(shipped(), stored["answers"])
    assert [found.raw, found.mitigation, found.score, found.level] == stored["expected"], name


def test_there_are_sets_on_both_sides_of_every_threshold() -> None:
    assert len(SETS) >= 20
    expected = {tuple(stored["expected"]) for stored in SETS.values()}
    for below, above in ((41, 42), (83, 84), (125, 126)):  # 25, 50, 75 % of 167 are 41.75, 83.5, 125.25
        assert {score for _, _, score, _ in expected} >= {below, above}
        assert level_of(below, 167) + 1 == level_of(above, 167)
    mitigated = {mitigation for _, mitigation, _, _ in expected}
    assert {61, 62} <= mitigated, "61.6 points of mitigation are the threshold"
    assert {level for *_, level in expected} == {1, 2, 3, 4}


def independent(survey: dict[str, Any], answers: dict[str, Any]) -> list[int]:
    """Our rules a second time, straight from the official file: no code of the product. Sums every value's last number.

    A panel's name ends in RS (raw) or MS (mitigation); rounding is JavaScript's, half up on the binary product.
    """
    totals, most = {"RS": 0, "MS": 0}, {"RS": 0, "MS": 0}

    def number(value: object) -> int:
        tail = str(value).split("-")[-1]
        return int(tail) if "-" in str(value) and tail.isdigit() else 0

    def look(element: dict[str, Any], kind: str) -> None:
        kind = str(element["name"])[-2:] if str(element["name"])[-3:] in ("-RS", "-MS", "-NS") else kind
        for part in element.get("elements", []):
            look(part, kind)
        if element.get("type") in ("radiogroup", "checkbox", "dropdown") and kind in totals:
            values = [number(c if isinstance(c, str) else c["value"]) for c in element["choices"]]
            most[kind] += sum(values) if element["type"] == "checkbox" else max(values)
            answer = answers.get(str(element["name"]), [])
            totals[kind] += sum(number(v) for v in ([answer] if isinstance(answer, str) else answer))

    for page in survey["pages"]:
        look(page, "")
    raw, mitigation = totals["RS"], totals["MS"]
    score = int((1 - 0.15) * raw + 0.5) if mitigation >= 0.8 * most["MS"] / 2 else raw
    bars = [most["RS"] * share for share in (0.25, 0.5, 0.75)]
    return [raw, mitigation, score, 1 + sum(score > bar for bar in bars)]


def test_an_independent_scorer_of_the_official_file_agrees_on_every_set(shared_data: Path) -> None:
    content = (shared_data / "aia" / "survey-enfr.json").read_bytes()
    survey, questions = json.loads(content), official(content)
    for name, stored in SETS.items():
        assert independent(survey, stored["answers"]) == stored["expected"], name
        found = scored(questions, stored["answers"])
        assert [found.raw, found.mitigation, found.score, found.level] == stored["expected"], name


def test_halves_are_rounded_up_as_the_official_tool_rounds() -> None:
    # 0.85 x 10 = 8.5, 0.85 x 30 = 25.5, 0.85 x 50 = 42.5: half up gives 9, 26, 43; half to even would give 8, 26, 42
    halves = {stored["expected"][0]: stored["expected"][2] for name, stored in SETS.items() if name.startswith("half")}
    assert halves == {30: 26, 50: 43, 90: 77}
