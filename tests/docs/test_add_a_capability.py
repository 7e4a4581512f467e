"""Proves that the guide's folder and two lines are a whole capability: declared, run, released, shown in French."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import peelian

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add-a-capability.md"
TEXT = PAGE.read_text(encoding="utf-8")
FILES = dict(re.findall(r"```(?:python|po) file=(\S+)\n(.*?)```", TEXT, re.DOTALL))
(CHANGED,) = re.findall(r"```diff file=__init__\.py\n(.*?)```", TEXT, re.DOTALL)
PLAY = """
import json, sys
import peelian.technologies as room
room.__path__.insert(0, sys.argv[1])
import peelian.technologies.footage as footage
(calls,) = (one for one in footage.TECHNOLOGY.capabilities if one.id == "footage.calls")
loaded = "numpy" in sys.modules
from peelian.catalogues import say_in
from peelian.forms import accepted_by, fields_of
from peelian.kernel.disclosure.intake_and_release_checks import Words, release_faults
from peelian.kernel.model.capability import Context
made, example = calls.arithmetic(), calls.arithmetic().example()
found = made.run(example.params, example.datasets, Context(seed=1, progress=lambda says, share: None))
words = Words(words=made.vocabulary)
say = say_in("fr", ("peelian.pictures", "peelian.web", "peelian.technologies.footage"), strict=True)
(grid,) = (one for one in made.shows.view(found, say) if hasattr(one, "titles"))
json.dump({
    "loaded": loaded,
    "accepted": [accepted_by(field) for field in fields_of(calls.asks.params)],
    "faults": [str(one.says) for whole in (found, made.public(found)) for one in release_faults(whole, calls, words)],
    "listed": found.table("calls")["n"].tolist(),
    "public": made.public(found).table("calls")["n"].tolist(),
    "titles": grid.titles,
    "caption": grid.caption,
    "title": say(calls.title),
}, sys.stdout)
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a process says of body cameras to which the guide's folder and lines were added."""
    room = tmp_path_factory.mktemp("added")
    own = Path(peelian.__file__).parent / "technologies" / "footage"
    shutil.copytree(own, room / "footage", ignore=shutil.ignore_patterns("weights", "__pycache__"))
    for name, content in FILES.items():
        (room / "footage" / name).parent.mkdir(exist_ok=True)
        (room / "footage" / name).write_text(content, encoding="utf-8")
    init = room / "footage" / "__init__.py"
    init.write_text(changed(init.read_text(encoding="utf-8")), encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", PLAY, str(room)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def changed(text: str) -> str:
    """The file with the guide's lines: what it takes out has to be there, and imports go before the first of ours."""
    for line in CHANGED.splitlines():
        if line.startswith("-"):
            assert text.count(line[1:]) == 1, line
            text = text.replace(line[1:], "")
        elif "import" in line:
            text = text.replace("from peelian.technologies", f"{line[1:]}\nfrom peelian.technologies", 1)
        else:
            text = text.replace("TECHNOLOGY = ", f"{line[1:]}\n\nTECHNOLOGY = ", 1)
    return text


def test_it_touches_one_folder_and_its_line() -> None:
    assert {name.partition("/")[0] for name in FILES} == {"calls"}
    assert {name.partition("/")[2] for name in FILES} == {"declared.py", "case.py", "page.py", "fr.po"}
    added = [line for line in CHANGED.splitlines() if line.startswith("+")]
    assert len(added) == 2 and sum("import" in line for line in added) == 1


def test_its_declaration_loads_without_numpy_and_says_its_range(played: Any) -> None:
    assert not played["loaded"] and played["accepted"] == ["1 to 1,000"]


def test_what_it_finds_may_leave_and_small_counts_are_not_public(played: Any) -> None:
    assert played["faults"] == []
    assert played["listed"] and min(played["listed"]) >= 11 and played["public"] == played["listed"]


def test_its_page_is_french_with_the_declared_titles(played: Any) -> None:
    assert played["titles"] == ["Type d’appel", "Appels"] and played["caption"] == played["title"] == "Appels par type"
