"""Proves that words are said in the reader's language and that a town's own labels stay as they are."""

from __future__ import annotations

from peelian.technologies.faces.vocabulary import VOCABULARY, label, translated


def loud(text: str, /, **values: object) -> str:
    return text.upper()


def test_only_known_words_are_translated():
    assert label("female / Riverside / 18-24", loud) == "FEMALE / Riverside / 18-24"
    assert label("same group", loud) == "SAME GROUP"
    assert translated({"n": 3, "policy": "worst group", "digest": "ab"}, loud) == {
        "n": 3,
        "policy": "WORST GROUP",
        "digest": "ab",
    }


def test_no_word_names_a_person_or_an_act_upon_one():
    assert not {w for w in VOCABULARY if w.lower() in ("suspect", "person of interest", "identity", "name")}
