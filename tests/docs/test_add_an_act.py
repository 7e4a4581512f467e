"""Proves that the guide's one file is an act: a command, a form, a program's entry, a door, and a gap in French."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import peelian

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "how-to" / "add-an-act.md"
FILES = dict(re.findall(r"```(?:python|po) file=(\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
PLAY = """
import json, re, sys
import peelian.acts
peelian.acts.__path__.insert(0, sys.argv[1])
from acted_words import without_french
from authentication import logged_on, send
from desk import desk
from fastapi.testclient import TestClient
from toy import COUNT, TOY
from typer.testing import CliRunner
from peelian.catalogues import LANGUAGES, catalogue
from peelian.cli import app as cli
from peelian.cli.contents import every_command
from peelian.web.app import make_app
from peelian.acts.registry import doors

french = catalogue("fr", ("peelian.pictures", "peelian.acts", "peelian.web"))
town = desk((TOY,))
town.authorizations(COUNT)
town.ask(COUNT)
dataset = next(iter(town.kernel.state.datasets))
app = make_app(town.office)
clerk, analyst = logged_on(app, town.office, "clerk"), logged_on(app, town.office, "analyst")
form = clerk.get("/fr/tasks/courts-hold").text
held = send(clerk, "/en/tasks/courts-hold", dataset=dataset, file_number="500-01-2026")
page = send(clerk, "/en/desk/tokens", role="clerk", days="30").text
token = page.partition("<code>")[2].partition("</code>")[0]
program = TestClient(app, base_url="https://127.0.0.1", headers={"authorization": f"Bearer {token}"})
asked = {"params": {"dataset": dataset, "file_number": "500-01-2027"}}
commands = {one.words: one for one in every_command()}
json.dump({
    "gaps": without_french(french, ["courts"]),
    "helps": {code: CliRunner().invoke(cli, ["--lang", code, "courts", "hold", "--help"]).output for code in LANGUAGES},
    "top": CliRunner().invoke(cli, ["--lang", "en", "--help"]).output,
    "commands": {words: one.page for words, one in commands.items() if words.startswith("courts ")},
    "doors": {one.name: one.suspended.name for one in doors() if one.name.startswith("courts-")},
    "of_commands": [one.door.name for one in commands.values() if one.words.startswith("courts ")],
    "form": form,
    "held": [held.status_code, held.text],
    "hidden": analyst.get("/en/tasks/courts-hold").status_code,
    "listed": program.get("/api/tasks/courts-list").json(),
    "done": program.post("/api/tasks/courts-hold", json=asked).json(),
    "kinds": town.kinds()[-3:],
}, sys.stdout)
"""


def played(room: Path, *files: str) -> Any:
    """What a process says of an office to which these files of the guide were added."""
    shutil.copytree(Path(peelian.__file__).parent / "acts", room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in files:
        (room / name).write_text(FILES[name], encoding="utf-8")
    paths = os.pathsep.join([str(TESTS / "support"), str(TESTS), str(TESTS.parent / "docs" / "_ext")])
    env = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", PLAY, str(room)], capture_output=True, text=True, env=env, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return played(tmp_path_factory.mktemp("added") / "acts", *FILES)


def test_the_guide_has_one_file_and_its_french() -> None:
    assert set(FILES) == {"courts.py", "fr-courts.po"}


def test_one_file_is_a_command_in_both_languages(guide: Any) -> None:
    assert guide["commands"] == {"courts list": "GET /tasks/courts-list", "courts hold": "POST /tasks/courts-hold"}
    assert "Hold a dataset for a court." in guide["helps"]["en"] and "--file-number" in guide["helps"]["en"]
    assert "Conserver un jeu de données pour un tribunal." in guide["helps"]["fr"]
    assert "More:\n  courts" in guide["top"]


def test_it_is_a_form_for_its_roles_and_no_others(guide: Any) -> None:
    assert "Numéro de dossier du tribunal" in guide["form"] and guide["hidden"] == 404
    assert guide["held"][0] == 200 and "Held:" in guide["held"][1]


def test_it_is_an_entry_of_the_api_and_leaves_the_same_in_the_log(guide: Any) -> None:
    assert guide["done"]["says"].startswith("Held:") and guide["done"]["record"]["hold"]
    assert len(guide["listed"]["table"]["rows"]) == 1
    assert guide["kinds"].count("HELD") >= 1


def test_it_has_its_rows_in_the_table_of_doors(guide: Any) -> None:
    assert guide["doors"] == {"courts-list": "GOES_ON", "courts-hold": "GOES_ON"}
    assert sorted(guide["of_commands"]) == ["courts hold", "courts list"]


def test_its_french_is_whole_and_missed_where_it_is_not_there(guide: Any, tmp_path: Path) -> None:
    assert guide["gaps"] == []
    gaps = played(tmp_path / "acts", "courts.py")["gaps"]
    assert {"Courts", "Hold a dataset for a court", "Held for courts"} <= set(gaps)
