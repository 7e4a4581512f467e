"""Errors as sentences: where, what is wrong and what is accepted, in the reader's language, values included."""

from __future__ import annotations

import re

from peelian.catalogues import say_in
from peelian.errors import InputError, OutOfOrder, Reason, Refused, enumerated, sentence
from peelian.kernel.model.policy_port import HOW
from peelian.pictures.words import english
from peelian.wording.errors import as_sentence, error_said, reasons_of, shown_reasons, translated

FRENCH = say_in("fr", ["peelian.pictures", "peelian.web"])


def test_bad_input_says_where_it_is_and_what_is_accepted() -> None:
    error = InputError("not a number", file="a.csv", row=7, column="n", accepted="a whole number")
    assert error_said(error, english) == "a.csv, row 7, column n: not a number. Expected: a whole number"
    assert error_said(InputError("not a number"), english) == "not a number"
    assert error_said(error, FRENCH).startswith("a.csv") and "Attendu" in error_said(error, FRENCH)


def test_a_percent_sign_in_what_somebody_wrote_is_no_placeholder() -> None:
    assert error_said(OutOfOrder("100% of 5%(n)s"), english) == "100% of 5%(n)s"


def test_values_that_are_sentences_are_said_in_the_language_too() -> None:
    told = sentence("Write at least %(fewest_words)s words.", fewest_words=3)
    assert translated(told, english) == "Write at least 3 words."
    assert translated(told, FRENCH) != translated(told, english) and "3" in translated(told, FRENCH)
    assert translated(enumerated(["board", "clerk"]), FRENCH) != translated(enumerated(["board", "clerk"]), english)
    assert translated("", english) == ""


def test_reasons_carry_what_puts_them_right() -> None:
    reason = Reason(rule="the_asker_may_not_decide", says="Not you.", remedy="Ask someone else to decide.")
    (shown,) = shown_reasons([reason], FRENCH)
    assert shown["remedy"] and shown["remedy"] != reason.remedy and shown["rule"] != reason.rule
    assert reasons_of(Refused([reason])) == (reason,) and reasons_of(KeyError("x")) == ()


def test_a_fragment_becomes_a_sentence_once() -> None:
    assert as_sentence("ask a custodian") == "Ask a custodian." and as_sentence("Done.") == "Done."


def test_french_remedies_suit_authorizations_of_every_gender_and_number() -> None:
    remedy = sentence("Ask one of these to issue it: %(roles)s", roles=enumerated(["board"]))
    assert translated(remedy, FRENCH) == "Demandez la délivrance à\u00a0: organisme de surveillance"
    for text in HOW.values():
        assert not re.search(r"(-le|-la|-les)\b", translated(text, FRENCH)), (
            "criteria are plural, an assessment feminine"
        )
