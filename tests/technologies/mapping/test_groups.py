"""Groups of residents: each has a title, and each title its French."""

from __future__ import annotations

from peelian.catalogues import say_in
from peelian.technologies.mapping.declarations.exposure import EVERYBODY
from peelian.technologies.mapping.declarations.groups import GROUPS


def test_every_group_has_its_french_and_everybody_comes_first() -> None:
    say = say_in("fr", ["peelian.technologies.mapping"], strict=True)
    assert next(iter(GROUPS)) == EVERYBODY
    assert all(say(title) for title in GROUPS.values())
