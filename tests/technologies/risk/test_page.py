"""The board's page: four headings in order, then pictures and folded tables, in both languages."""

from __future__ import annotations

import pytest

from peelian.catalogues import say_in
from peelian.kernel.model.capability import Capability, Context, Findings
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.risk import CAPABILITIES
from peelian.technologies.risk.panels import values_in_words

FOUR = [c for c in CAPABILITIES if c.id in ("risk.compare", "risk.drift", "risk.subgroups", "risk.overrides")]
HEADINGS = ["How sure this is", "Whom it touches", "What is not known", "Figures"]


def found(capability: Capability) -> Findings:
    example = capability.arithmetic().example()
    return capability.arithmetic().run(example.params, example.datasets, Context(seed=1, progress=lambda s, x: None))


@pytest.mark.parametrize("capability", FOUR, ids=lambda c: c.id)
def test_the_page_answers_first_and_folds_its_tables(capability: Capability) -> None:
    findings = found(capability)
    for shown in (findings, capability.arithmetic().public(findings)):
        panels = list(capability.arithmetic().shows.view(shown, english))
        assert [p.text for p in panels if isinstance(p, Heading)] == HEADINGS
        kinds = [type(p) for p in panels if not isinstance(p, (Heading, Paragraph))]
        assert kinds == sorted(kinds, key=lambda kind: kind is Grid) and Picture in kinds
        assert all(p.folded for p in panels if isinstance(p, Grid))
        assert all(p.alternative and p.twin for p in panels if isinstance(p, Picture))


@pytest.mark.parametrize("capability", FOUR, ids=lambda c: c.id)
def test_the_page_is_complete_in_french(capability: Capability) -> None:
    say = say_in("fr", ("peelian.pictures", "peelian.web", "peelian.technologies.risk"), strict=True)
    findings = found(capability)
    assert capability.arithmetic().shows.view(findings, say)
    assert all(say(note.text, **note.values) for note in findings.notes)


@pytest.mark.parametrize("capability", FOUR, ids=lambda c: c.id)
def test_every_word_and_sentence_may_leave(capability: Capability) -> None:
    findings, made = found(capability), capability.arithmetic()
    assert {note.text for note in findings.notes} <= made.messages
    groups = {w for d in made.example().datasets.values() for w in str(d.facts["groups"]).split(",")}
    for table in findings.tables:
        for column in table.columns:
            if column.kind in ("level", "group"):
                assert set(column.values.tolist()) <= made.vocabulary | groups, column.name


def test_everyone_is_a_word_of_the_page() -> None:
    assert values_in_words({"group": "everyone", "n": 3}, lambda text: "tous") == {"group": "tous", "n": 3}
