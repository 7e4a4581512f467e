"""Models by name: each that exists has a title, and each title its French."""

from __future__ import annotations

from peelian.catalogues import say_in
from peelian.technologies.mapping.declarations.models import BASELINE, DEFAULT, SCORE_CARD, TITLES
from peelian.technologies.mapping.models import MODELS


def test_every_model_has_its_title_in_french_and_no_title_stands_for_none() -> None:
    say = say_in("fr", ["peelian.technologies.mapping"], strict=True)
    assert set(TITLES) == {*MODELS, SCORE_CARD} and {DEFAULT, BASELINE} <= set(MODELS)
    assert all(say(title) for title in TITLES.values())
