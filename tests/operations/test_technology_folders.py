"""Technologies are found by their folders, and speak their own words where two catalogues differ."""

from __future__ import annotations

from peelian.kernel.model.technology import ids_of
from peelian.operations.technology_folders import say_of, technologies


def test_every_technology_is_in_the_folder_of_its_name() -> None:
    known = technologies()
    assert [technology.id for technology in known] == sorted(ids_of(known)) and "mapping" in ids_of(known)


def test_a_technology_speaks_its_own_words() -> None:
    known = technologies()
    assert say_of(known, "en")("Area") == "Area"
    assert say_of(known, "fr", "sensors")("Sensor counts and levels report") != "Sensor counts and levels report"
