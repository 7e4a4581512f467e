"""Proves that words are said in the reader's language and that a town's own labels stay as they are."""

from __future__ import annotations

from peelian.technologies.faces import CAPABILITIES
from peelian.technologies.faces.audit.tables import VOCABULARY
from peelian.technologies.faces.shown import label, translated


def loud(text: str, /, **values: object) -> str:
    return text.upper()


def test_only_known_words_are_translated():
    assert label("female / Riverside / 18-24", loud) == "FEMALE / Riverside / 18-24"
    assert label("worst group", loud, VOCABULARY) == "WORST GROUP"
    assert label("same group", loud) == "SAME GROUP"
    assert translated({"n": 3, "policy": "worst group", "digest": "ab"}, loud, VOCABULARY) == {
        "n": 3,
        "policy": "WORST GROUP",
        "digest": "ab",
    }


def test_no_word_names_a_person_or_an_act_upon_one():
    words = {word for one in CAPABILITIES for word in one.arithmetic().vocabulary}
    assert words > VOCABULARY
    assert not {w for w in words if w.lower() in ("suspect", "person of interest", "identity", "name")}
