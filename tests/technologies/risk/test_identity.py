"""Identity: columns and labels that name a person are refused, groups are not."""

from __future__ import annotations

import doctest

import pytest

from peelian.errors import InputError
from peelian.technologies.risk.formats import layout as identity
from peelian.technologies.risk.formats.layout import refuse_identifying, refuse_labels


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(identity).failed == 0


@pytest.mark.parametrize(
    "column",
    ["name", "First Name", "last", "dob", "date_of_birth", "DOB", "SSN", "email", "person_id", "id", "client id",
     "c_case_number", "phone", "home_address", "postal_code", "Nom", "prénom", "latitude", "booking number"],
)  # fmt: skip
def test_a_column_that_identifies_a_person_is_refused_by_name(column: str) -> None:
    with pytest.raises(InputError) as error:
        refuse_identifying(["pid", "score", "outcome", column])
    assert error.value.column == column


def test_the_pseudonym_and_plain_groups_pass() -> None:
    refuse_identifying(["pid", "score", "outcome", "race", "sex", "age_band", "indigenous", "video_link", "n"])


def test_a_postal_code_passes_only_as_a_declared_area() -> None:
    refuse_identifying(["score", "postal_code"], areas=["postal_code"])
    with pytest.raises(InputError):
        refuse_identifying(["score", "postal_code"])


@pytest.mark.parametrize(
    "words",
    [
        [str(i) for i in range(40)],
        ["a@b.ca", "c"],
        ["1990-02-01"],
        ["+1 416 555 0100"],
        ["x" * 61],
        [f"g{i}" for i in range(60)],
        ["Jane Doe", "John Smith", "Ali Khan", "Mei Chen"],
        ["12 Main Street", "14 Main Street"],
    ],
)
def test_labels_that_are_no_groups_are_refused_without_quoting_them(words: list[str]) -> None:
    with pytest.raises(InputError) as error:
        refuse_labels(words, "group", most=50)
    assert all(word not in str(error.value) for word in words if len(word) > 4)


def test_group_labels_pass() -> None:
    refuse_labels(["18-24", "25-44", "45+", "Black; non-Hispanic", "Inuit", "2"], "group", most=50)
