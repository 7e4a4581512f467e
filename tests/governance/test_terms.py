"""The words of the house can stand in the log, and every paper has somebody who may issue it and a title."""

from __future__ import annotations

import re

import pytest

from peelian.governance import capability
from peelian.governance.policy import ISSUERS, TITLES
from peelian.governance.terms import Paper, Purpose, Role


@pytest.mark.parametrize("words", [Purpose, Role, Paper])
def test_every_word_can_stand_in_the_log(words: type[Purpose] | type[Role] | type[Paper]) -> None:
    assert all(re.fullmatch(r"[a-z][a-z_]*", word) for word in words)


def test_no_paper_is_without_issuer_or_title() -> None:
    assert set(ISSUERS) == set(TITLES) == set(Paper)
    assert all(ISSUERS[paper] and ISSUERS[paper] <= set(Role) for paper in Paper)


def test_a_declaration_imports_its_words_from_one_room() -> None:
    assert (capability.Paper, capability.Purpose, capability.Role) == (Paper, Purpose, Role)
