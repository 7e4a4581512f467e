"""Figures about areas join the outlines by name, or by a number both call the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from rows import csv_file, text_rows

from peelian.errors import InputError
from peelian.intake.join import joined_columns, key
from peelian.intake.sources import Limits

AREAS = text_rows(neighbourhood=["O'Connor-Parkview", "Mimico (includes Humber Bay)"], hood_id=["54", "17"])


def joined(path: Path) -> dict[str, list[str]]:
    table = joined_columns(AREAS, {"demographics": str(path)}, Limits())
    return {c.name: c.values.tolist() for c in table.columns if c.name.startswith("demographics:")}


def test_without_the_option_nothing_happens() -> None:
    assert joined_columns(AREAS, {}, Limits()) is AREAS


def test_names_join_without_apostrophes_blanks_and_case(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Area,People", "MIMICO (Includes  Humber-Bay),5", "OConnor Parkview,7")
    assert joined(path)["demographics:people"] == ["7", "5"]


def test_a_number_of_the_same_name_wins_over_names_that_half_agree(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "neighbourhood,Hood_ID,people", "Mimico,17,5", "OConnor-Parkview,54,7")
    assert joined(path)["demographics:people"] == ["7", "5"]


def test_numbers_of_other_names_never_join(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column of the figures"):
        joined(csv_file(tmp_path, "rank,people", "17,5", "54,7"))


def test_doubled_rows_are_refused_and_missing_ones_are_empty(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two rows for one area"):
        joined(csv_file(tmp_path, "hood_id,people", "54,5", "54,7"))
    assert joined(csv_file(tmp_path, "hood_id,people", "54,5", "99,7"))["demographics:people"] == ["5", ""]


def test_a_key_is_letters_and_digits() -> None:
    assert key("L'Amoreaux – Nord") == "lamoreauxnord"
