"""Proves that files which say who a person is are refused, and that pseudonyms become digests that join."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.measure.table import Kind, table
from peelian.technologies.faces.formats.identity import NOTHING, encoded, pseudonyms, refuse_identifying_columns

OPAQUE = st.text("abcdef0123456789", min_size=1, max_size=12)


@pytest.mark.parametrize("column", ["name", "First Name", "DATE_OF_BIRTH", "date-of-birth", "e-mail", "Prénom", "dob"])
def test_a_column_that_identifies_a_person_is_refused_by_name(as_text, column):
    with pytest.raises(InputError, match="identifies a person") as error:
        refuse_identifying_columns(as_text({"score": ["0.5"], column: ["x"]}))
    assert error.value.column == column


def test_columns_of_score_files_pass(as_text):
    refuse_identifying_columns(as_text({"score": ["0.5"], "probe_subject": ["s1"], "rank": ["1"]}))


@pytest.mark.parametrize(
    "words",
    [
        ["Ada_Lovelace", "Alan_Turing", "Grace_Hopper_0001"],
        ["Ada Lovelace", "Alan M. Turing"],
        ["a@example.org", "b@example.org"],
        ["1912-06-23", "1906-12-09"],
        ["Serena_Williams/Serena_Williams_0004", "Aaron_Peirsol/Aaron_Peirsol_0001"],
    ],
)
def test_names_that_pass_for_pseudonyms_are_refused_without_being_quoted(as_text, words):
    with pytest.raises(InputError, match="look like names") as error:
        pseudonyms(as_text({"subject": words}), "subject")
    assert not any(word in str(error.value) for word in words)


def test_equal_pseudonyms_have_equal_digests_in_every_file_and_empty_ones_none(as_text):
    first = pseudonyms(as_text({"a": ["s1", " s2 ", "", "s1"]}), "a")
    second = pseudonyms(as_text({"b": ["s2", "s1"]}), "b")
    assert first.tolist() == [second[1], second[0], NOTHING, second[1]]


@given(st.lists(OPAQUE, min_size=1, max_size=30))
def test_encoding_gives_back_the_words(words):
    different, index = encoded(table("text", {"a": (Kind.PERSONAL, words)}), "a")
    assert [different[i] for i in index.tolist()] == words
    assert len(set(different)) == len(different)
