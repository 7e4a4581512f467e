"""Proves that the guide's folder is a whole technology: its commands work and its French page has no English left."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import workers
from authentication import logged_on
from desk import desk
from labels import areas_csv
from terminal import Done, peelian

import peelian.technologies as room
from peelian.catalogues import catalogue, needs_words
from peelian.intake import confined_child
from peelian.operations import run_worker
from peelian.web.app import make_app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-a-technology.md"
TEXT = PAGE.read_text(encoding="utf-8")
NAMED = {"DATASET": r"rows as (lights-\S+)", "CASE": r"case (c-\w+)", "PROPOSAL": r"Proposed: (\w+)"}
"""What the page writes in capitals, and how the commands print it."""


@pytest.fixture
def lights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The guide's folder, found where technologies are found; nothing else of the program is changed."""
    folder = tmp_path / "technologies" / "lights"
    folder.mkdir(parents=True)
    for name, content in re.findall(r"```\w+ file=(\S+)\n(.*?)```", TEXT, re.DOTALL):
        (folder / name).write_text(content, encoding="utf-8")
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(folder.parent)])
    monkeypatch.setenv(workers.FOLDER, str(folder.parent))
    monkeypatch.syspath_prepend(folder.parent)
    monkeypatch.setattr(run_worker, "WORK", workers.of_a_folder)
    monkeypatch.setattr(confined_child, "begins", workers.reads_for_a_folder)
    catalogue.cache_clear()
    yield folder
    for name in [name for name in sys.modules if name.startswith("peelian.technologies.lights")]:
        del sys.modules[name]
    monkeypatch.delattr(room, "lights", raising=False)
    catalogue.cache_clear()


def played(folder: Path, *, but: str = "") -> list[Done]:
    """Every command of the page in order, with the values that earlier ones printed; without those with `but`."""
    (folder / "lights.csv").write_text("area,out\nNorth,12\nSouth,14\nSouth,3\n")
    (folder / "areas.csv").write_text(areas_csv(North=9000, South=7000))
    known: dict[str, str] = {}
    done = []
    for line in re.findall(r"^\$ peelian (.*)$", TEXT, re.MULTILINE):
        if but and but in line:
            continue
        for name, value in known.items():
            line = line.replace(name, value)
        done.append(peelian(*shlex.split(line), cwd=folder))
        if done[-1].returncode:
            break
        known |= {name: m[1].rstrip(".") for name, form in NAMED.items() if (m := re.search(form, done[-1].stdout))}
    return done


def test_the_folder_holds_all_of_it(lights: Path) -> None:
    assert {path.name for path in lights.iterdir()} == {"__init__.py", "files.py", "counting.py", "fr.po", "README.md"}


def test_it_is_listed_in_french(lights: Path, tmp_path: Path) -> None:
    listed = peelian("--lang", "fr", "capabilities", cwd=tmp_path)
    assert "Lampadaires en panne" in listed.stdout
    one = peelian("--lang", "fr", "capabilities", "lights.count", cwd=tmp_path)
    assert "Compte les lampadaires en panne, par secteur." in one.stdout and "en panne dans un secteur" in one.stdout


def test_the_pages_list_it_and_its_form_is_french(lights: Path) -> None:
    town = desk()
    client = logged_on(make_app(town.office), town.office, "analyst")
    assert 'href="/fr/ask/lights.count"' in client.get("/fr/ask").text
    form = client.get("/fr/ask/lights.count").text
    for said in ("Lampadaires en panne", ">Lampadaires<", "Nombre minimal de lampadaires en panne dans un secteur"):
        assert said in form, said
    assert "street lights" not in form.lower()


def test_the_commands_lead_to_a_french_page(lights: Path, tmp_path: Path) -> None:
    done = played(tmp_path)
    assert not done[-1].returncode, done[-1].stderr
    (page,) = (tmp_path / "report").glob("*-fr.html")
    words = re.sub(r"<style.*?</style>|<[^>]+>", "\n", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for said in ("Lampadaires en panne", "29 lampadaires sont en panne.", "Lampadaires par secteur", "(lampadaires)"):
        assert said in words
    own = catalogue("fr", ("peelian.technologies.lights",))
    english = {line.strip() for line in words.splitlines()} & {text for text in own if needs_words(text)}
    assert english == set(), "an English sentence of the technology is on its French page"
    own_title = "Street lights"  # of the data, as the custodian declared it
    assert "lights" not in words.replace(own_title, "").lower().replace("lights-", "")


def test_without_the_council_approval_it_is_refused_as_the_page_says(lights: Path, tmp_path: Path) -> None:
    refused = played(tmp_path, but="council_approval")[-1]
    assert refused.returncode == 3
    assert f"```text\n{refused.stderr.strip()}\n```" in TEXT
