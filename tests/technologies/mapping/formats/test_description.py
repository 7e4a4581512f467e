"""A description says what columns mean; anything it cannot mean is told with what it may say."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.formats.description import Description, description, with_options

WHOLE = """
zone = "America/New_York"
crs = "EPSG:2263"
order = "mdy"
source = "NYPD"
[columns]
date = "CMPLNT_FR_DT"
time = "CMPLNT_FR_TM"
[categories]
101 = "break_and_enter"
"Grand Larceny" = "theft"
"""


def test_a_description_is_read() -> None:
    made = description(WHOLE)
    assert made.columns == {"date": "CMPLNT_FR_DT", "time": "CMPLNT_FR_TM"}
    assert made.settings["crs"] == "EPSG:2263"
    assert made.categories == {"101": "break_and_enter", "grand larceny": "theft"}
    assert description("") == Description()


def test_options_are_laid_over_it() -> None:
    made = with_options(description(WHOLE), {"date": "day", "zone": "Europe/London", "reach_km": "5"})
    assert made.columns["date"] == "day" and made.columns["time"] == "CMPLNT_FR_TM"
    assert made.settings["zone"] == "Europe/London"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("zone = ", "not valid TOML"),
        ("[[[[", "not valid TOML"),
        ('zone = "Mars/Olympus"', "unknown time zone"),
        ('crs = "+proj=pipeline +step"', "EPSG code"),
        ('crs = "EPSG:999999"', "unknown EPSG code"),
        ('order = "ydm"', "unknown date order"),
        ('columns = "date"', "not a table"),
        ('[columns]\ndates = "x"', "unknown key in columns: dates"),
        ('colour = "red"', "unknown key in a TOML description: colour"),
        ("[columns]\ndate = [1]", "date is not text"),
        ('[categories]\nX = "wickedness"', "unknown category"),
        ('one_category = "wickedness"', "unknown category"),
        ('[columns]\ndate = "' + "x" * 300 + '"', "date is not text"),
    ],
)
def test_what_it_cannot_mean_is_told(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        description(text)
