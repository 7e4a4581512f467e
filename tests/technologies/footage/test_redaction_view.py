"""The views say every word in both languages and show the tracks as a table."""

from __future__ import annotations

import pytest

from peelian.catalogues import say_in
from peelian.kernel.model.capability import Capability, Context, Findings
from peelian.pictures.panels import Grid, Paragraph
from peelian.technologies.footage.proposal.declared import PROPOSE, WORDS
from peelian.technologies.footage.proposal.page import MOST_ROWS, word
from peelian.technologies.footage.redaction.declared import REDACT

CONTEXT = Context(seed=1, progress=lambda says, share: None)


@pytest.mark.parametrize("capability", [PROPOSE, REDACT], ids=lambda c: c.id)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_whole_and_public_findings_are_shown(capability: Capability, language: str) -> None:
    say = say_in(language, ["peelian.pictures", "peelian.web", "peelian.technologies.footage"])
    example = capability.arithmetic().example()
    found = capability.arithmetic().run(example.params, example.datasets, CONTEXT)
    for findings in (found, capability.arithmetic().public(found)):
        grids = [p for p in capability.arithmetic().shows.view(findings, say) if isinstance(p, Grid)]
        assert grids and all(grid.rows for grid in grids)


def test_every_word_has_its_french() -> None:
    say = say_in("fr", ["peelian.technologies.footage"])
    assert all(word(name, say) != WORDS[name] for name in WORDS)
    assert word("unlisted", say) == "unlisted" and MOST_ROWS > 50


def test_a_proposal_that_waits_says_how_it_is_reviewed_and_french_knows_it() -> None:
    found = Findings(tables=(), facts={"pictures": 3, "tracks": 1, "to_review": 1, "method": "fill"})
    say = say_in("fr", ["peelian.pictures", "peelian.web", "peelian.technologies.footage"], strict=True)
    told = [p for p in PROPOSE.arithmetic().shows.view(found, say) if isinstance(p, Paragraph)]
    assert [p.tone for p in told] == ["warning"] and told[0].text.startswith("Rien n’est encore couvert.")
