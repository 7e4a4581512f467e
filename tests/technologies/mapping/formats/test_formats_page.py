"""The page about formats names every role, setting and limit, and its example is a description that reads.

The list of formats and options is generated; tests/docs/test_docs.py checks it in the built site.
"""

from __future__ import annotations

import re
from pathlib import Path

from rows import csv_file

from peelian.intake.read import admitted
from peelian.intake.sources import Limits
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.formats.description import ROLES, SETTINGS, description

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]


def test_roles_settings_and_limits_are_those_of_the_code() -> None:
    assert all(f"`{name}`" in PAGE for name in (*ROLES, *SETTINGS))
    assert f"more than {Limits().expansion} times" in PAGE


def test_the_example_reads_a_file_of_new_york(tmp_path: Path) -> None:
    made = description(EXAMPLE)
    assert made.columns["end_time"] == "CMPLNT_TO_TM"
    (tmp_path / "town.toml").write_text(EXAMPLE, encoding="utf-8")
    path = csv_file(
        tmp_path,
        "CMPLNT_NUM,CMPLNT_FR_DT,CMPLNT_FR_TM,CMPLNT_TO_DT,CMPLNT_TO_TM,RPT_DT,OFNS_DESC,X_COORD_CD,Y_COORD_CD",
        "1,05/31/2024,22:30:00,06/01/2024,07:30:00,06/01/2024,BURGLARY,988217,201218",
    )
    _, taken = admitted(path, "auto", FORMATS, {"description": str(tmp_path / "town.toml")})
    row = {name: str(taken.table[name][0]) for name in ("start_hour", "end_hour", "known_hour", "category")}
    assert row == {
        "start_hour": "2024-05-31T22",
        "end_hour": "2024-06-01T07",
        "known_hour": "2024-06-01T23",
        "category": "break_and_enter",
    }
