"""The console's words: every one has its French, every type of alarm has its own, and a flood is told by type."""

from __future__ import annotations

from datetime import timedelta

import pytest
from toy_watch import FIRST, wells
from watched import stood

from peelian.catalogues import catalogue, needs_words
from peelian.kernel.model.alarms import CHOICES, DISPOSITIONS, State
from peelian.operations.office import technologies
from peelian.web.console import words as console_words
from peelian.web.console.words import console_view

LISTS = ("LEVELS", "STATES", "CHOICES", "DISPOSITIONS", "CALLS", "WHY", "FACTS")
WATCHES = [(technology.id, watch) for technology in technologies() for watch in technology.watches]


@pytest.mark.parametrize("name", LISTS)
def test_every_word_has_its_french(name: str) -> None:
    known = catalogue("fr", ("peelian.web",))
    words = getattr(console_words, name).values()
    assert [word for word in words if word not in known and needs_words(word)] == []


@pytest.mark.parametrize(("technology", "watch"), WATCHES, ids=lambda one: getattr(one, "id", one))
def test_what_a_watch_declares_has_its_french(technology: str, watch: object) -> None:
    known = catalogue("fr", (f"peelian.technologies.{technology}",))
    told = {watch.title, watch.about, *watch.titles.values(), *watch.fact_titles.values()}  # type: ignore[attr-defined]  # a Watch
    told |= {text for texts in (*watch.runbooks.values(), *watch.messages.values()) for text in texts}  # type: ignore[attr-defined]
    assert watch.runbooks.keys() == watch.messages.keys() == watch.signals.keys()  # type: ignore[attr-defined]
    assert sorted(told - set(known)) == []
    assert {f for facts in watch.signals.values() for f in facts} == set(watch.fact_titles)  # type: ignore[attr-defined]


def test_a_fact_is_told_in_words_and_with_the_comma_of_its_language() -> None:
    at = stood()
    titles = {"noise.above_db": "%(value)s dB above background", "density.service": "level %(letter)s"}
    french = at.town.office.say("fr")
    assert console_words.fact("above_db", 13.7, "noise", titles, at.town.office.say("en")) == "13.7 dB above background"
    assert console_words.fact("above_db", 13.7, "noise", titles, lambda text, **v: french(text, **v)).startswith("13,7")
    assert console_words.fact("service", 6.0, "density", titles, at.town.office.say("en")) == "level F"
    assert console_words.fact("left_over", 2.0, "other", titles, french) == "left over 2"


def test_the_words_are_those_of_the_alarms() -> None:
    assert set(console_words.CHOICES) == set(CHOICES) and set(console_words.DISPOSITIONS) == set(DISPOSITIONS)
    assert set(console_words.STATES) == {str(s) for s in State} - {"closed", "silent"}


def test_a_flood_is_told_by_type_and_level_the_most_urgent_first() -> None:
    at = stood(sensors={f"well-{n}": f"zone-{n}" for n in range(1, 100)})
    for n in range(1, 13):
        at.feed(wells([16.0, 16.5] if n == 12 else [6.0, 6.5], f"well-{n}", FIRST + timedelta(seconds=20 * n)))
    view = console_view(at.town.office, "", at.town.office.say("en"))
    assert view["flood"] and [(g["level"], g["n"]) for g in view["groups"]] == [("urgent", 1), ("notice", 11)]
    assert view["waiting"] == view["unanswered"] == 12 and view["loudest"] == "urgent"
