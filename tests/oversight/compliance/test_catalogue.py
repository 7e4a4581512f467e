"""The catalogue holds every requirement, worded in both languages, each with evidence that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from peelian.oversight.compliance.catalogue import FAMILIES, Requirement, body_cameras, catalogue, sources
from peelian.oversight.compliance.standing import CHECKS

ROOT = Path(__file__).resolve().parents[3]
NUMBERS = {
    "HUM": 6, "PRO": 4, "AIA": 9, "REG": 4, "FRI": 1, "WAR": 3, "ACC": 5, "PRV": 14, "SEC": 18, "PRC": 1, "BRE": 12,
    "RMF": 2,
}  # fmt: skip
IDS = {f"{family}-{n:02d}" for family, most in NUMBERS.items() for n in range(1, most + 1)} | {"LOG-EU1", "LOG-EU2"}
EVERY = (*catalogue(), *body_cameras())
every_requirement = pytest.mark.parametrize("requirement", EVERY, ids=lambda r: r.id)


def test_all_eighty_one_requirements_are_there_once() -> None:
    ids = [r.id for r in catalogue()]
    assert set(ids) == IDS and len(ids) == len(IDS) == 81


def test_the_list_for_body_cameras_covers_what_the_commissioners_ask() -> None:
    found = body_cameras()
    assert [r.id for r in found] == [f"BWC-{n:02}" for n in range(1, 15)]
    text = " ".join(f"{r.words.en} {r.human.en if r.human else ''}" for r in found).lower()
    asked = "pilot covert muted reason encrypted restricted redacted breach contract biometrics annual private"
    assert [word for word in asked.split() if word not in text] == []


@every_requirement
def test_each_has_a_test_or_says_what_a_human_must_produce(requirement: Requirement) -> None:
    assert requirement.tests or requirement.human
    assert set(requirement.checks) <= set(CHECKS) and requirement.family in FAMILIES
    assert set(requirement.kinds) <= {"test", "office", "human"} and requirement.kinds
    assert requirement.produced_by in {"", *requirement.checks}


@every_requirement
def test_each_is_worded_in_both_languages_and_names_known_sources(requirement: Requirement) -> None:
    for words in (requirement.words, requirement.human):
        if words:
            assert words.en != words.fr and len(words.en) > 15 and len(words.fr) > 15
    assert requirement.sources
    assert all(source.partition(" ")[0] in sources() for source in requirement.sources)


@every_requirement
def test_every_test_it_names_exists(requirement: Requirement) -> None:
    for name in requirement.tests:
        file, colons, test = name.partition("::")
        assert bool(colons) == bool(test), name
        path = ROOT / file
        assert path.is_file(), f"{requirement.id}: {file}"
        text = path.read_text(encoding="utf-8")
        assert re.search(rf"^def {test}\(" if test else r"^def test_", text, re.M), f"{requirement.id}: {name}"


def test_every_check_is_used_by_a_requirement() -> None:
    assert {check for r in EVERY for check in r.checks} == set(CHECKS)
