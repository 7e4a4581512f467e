"""Every sentence of the capability has French with the same places."""

from __future__ import annotations

import re

from peelian.catalogues import catalogue, needs_words
from peelian.technologies.risk.compare.words import MESSAGES, VOCABULARY

PLACE = re.compile(r"%\((\w+)\)")


def test_every_sentence_and_word_has_french_with_the_same_places() -> None:
    french = catalogue("fr", ("peelian.technologies.risk",))
    known = {text: french[text] for text in MESSAGES}
    assert all(sorted(PLACE.findall(a)) == sorted(PLACE.findall(b)) for a, b in known.items())
    raw = {"everyone", "no"}  # said in other words on a page
    assert [word for word in VOCABULARY - raw if needs_words(word) and word not in french and "than" not in word] == []
