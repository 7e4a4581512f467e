"""Every card can be played: in both languages, with people concerned, decisions for known roles, in order."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import Role
from peelian.operations.drill.town import DATASETS, PEOPLE
from peelian.oversight.drills.cards import card_of, cards
from peelian.oversight.drills.play import NEVER

ACTS = {"", "INCIDENT", "AMENDED.contained", "AMENDED.assessed", "AMENDED.regulator"}


def test_there_are_at_least_twelve_kinds_of_breach() -> None:
    assert len(cards()) >= 12
    assert {"stolen-folder", "lost-camera", "misdirected-package", "ransomware", "insider"} <= cards().keys()
    with pytest.raises(InputError, match="lost-camera"):
        card_of("fire")


@pytest.mark.parametrize("id", cards())
def test_a_card_can_be_played(id: str) -> None:
    card = cards()[id]
    assert 0 < card.people <= PEOPLE and card.dataset in {f"drill-records-{n}" for n in range(1, DATASETS + 1)}
    minutes = [one.minute for one in card.injects]
    assert minutes == sorted(set(minutes)) and minutes[0] == 0 and len(minutes) >= 3
    assert len({one.id for one in card.decisions}) == len(card.decisions)
    for one in card.decisions:
        assert one.role in {str(role) for role in Role} and one.act in ACTS
        assert 0 <= one.after <= card.last_minute and one.within > 0 and one.due > NEVER
    assert len(set(card.roles)) >= 4, "three roles can be played where one is missing"
    told = [
        card.title,
        *card.contacts.values(),
        *card.questions,
        *(one.words for one in (*card.injects, *card.decisions)),
    ]
    assert all(words["en"] and words["fr"] and words["en"] != words["fr"] for words in told)
