"""Names of groups, models and settings: none of the words of tables is left raw, in either language."""

from __future__ import annotations

import re

import pytest

from peelian.operations.office import memory_office
from peelian.pictures.words import english
from peelian.technologies.mapping import names
from peelian.technologies.mapping.declarations.models import TITLES
from peelian.technologies.mapping.formats.areas import TORONTO_DEFAULTS, declared_groups
from peelian.technologies.mapping.formats.vendor import MARKUP, summed_groups
from peelian.technologies.mapping.models import SETTING_WORDS


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_setting_that_a_table_may_hold_is_named(language: str) -> None:
    with memory_office() as office:
        say = office.say(language, "mapping")
    for word in SETTING_WORDS:
        assert "_" not in names.setting_title(word, say), word
        assert names.setting_title(word, say) != word.replace("_", " ") or word in ("trees",), word


def test_the_groups_of_the_known_files_have_names_in_french() -> None:
    with memory_office() as office:
        say = office.say("fr", "mapping")
    known = [*declared_groups(TORONTO_DEFAULTS), *summed_groups(MARKUP["groups"])]
    for group in known:
        assert names.group_title(group.label, say) != group.label.replace("_", " "), group.label
    assert names.group_title("visible_minority", say) == "minorité visible"


def test_a_group_that_a_town_declared_itself_keeps_its_label() -> None:
    assert names.group_title("people_over_80", english) == "people over 80"


def test_models_within_a_mixture_say_whose_setting_it_is() -> None:
    told = names.setting_title("decayed_weight_half_life_28_days", english)
    assert re.match(rf"{TITLES['decayed']}: weight of counts with a half-life of 28 days", told)
