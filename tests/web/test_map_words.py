"""The words of the map page's script: the script asks for none that the page does not give, and none in vain."""

from __future__ import annotations

import re

from peelian.pictures.words import english
from peelian.web.maps.words import words_of
from peelian.web.pages import static


def test_the_script_s_words_and_the_page_s_are_the_same() -> None:
    script = "".join(static(f"{name}.mjs").decode() for name in ("map", "map-brush", "map-steps"))
    assert set(re.findall(r"\bwords\.(\w+)", script)) == set(words_of(english))
