"""Acts: each says whom it is for and what it asks, has its French, and is loaded without arithmetic or an office."""

from __future__ import annotations

import ast
import dataclasses
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from acted_words import spoken_in, texts_of, without_french
from babel.messages.pofile import read_po

import peelian.acts
from peelian import technologies
from peelian.acts import breach, case, proposals
from peelian.acts.act import Act, Acts, Done, asked
from peelian.acts.registry import every_act, room_of, words
from peelian.catalogues import catalogue
from peelian.forms import fields_of
from peelian.integrations.gis_exports import WRITERS
from peelian.kernel.identity import dual_control
from peelian.oversight.breach.letters import REASONS
from peelian.oversight.breach.public_notice import ENDS, INDIRECT_FOR

HERE = Path(peelian.acts.__path__[0])
ROOMS = (f"peelian.technologies.{one.name}" for one in pkgutil.iter_modules(technologies.__path__) if one.ispkg)
FRENCH = catalogue("fr", (*ROOMS, "peelian.pictures", "peelian.acts", "peelian.web"))
HEAVY = ("numpy", "pyarrow", "shapely", "fastapi", "cryptography", "cedarpy", "peelian.operations.office")


@pytest.mark.parametrize("word", words())
def test_every_text_of_an_act_has_its_french(word: str) -> None:
    assert without_french(FRENCH, [word]) == []


def test_no_french_of_acts_is_left_over() -> None:
    said = {text for act in every_act().values() for text in texts_of(act)}
    said |= {text for word in words() for text in (room_of(word).about, *spoken_in(word))}
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in HERE.glob("*.py")]
    said |= {str(one.value) for tree in trees for one in ast.walk(tree) if isinstance(one, ast.Constant)}
    left = set()
    for file in HERE.glob("fr*.po"):
        own = read_po(file.open("rb"))
        left |= {str(one.id) for one in own if one.id and one.id not in said}
    assert left == set()


@pytest.mark.parametrize("act", every_act().values(), ids=lambda act: act.id)
def test_an_act_is_for_somebody_and_what_it_names_it_asks(act: Act) -> None:
    params = act.asks()
    fields = {field.name for field in fields_of(params)} if params else set()
    assert act.roles and act.title[:1].isupper() and act.about.endswith((".", ":"))
    assert {*act.typed, *act.offered, *act.hints} <= fields or act.then is not None
    assert (act.do is None) is (act.shows is not None and act.params is None)


@pytest.mark.parametrize("word", words())
def test_what_declares_acts_loads_no_arithmetic_no_office_and_no_policy(word: str) -> None:
    code = f"import sys; from peelian.acts.registry import room_of; room_of({word!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert sorted({*HEAVY} & {*done.stdout.split()}) == []


def test_choices_that_stand_in_an_act_are_those_of_what_it_does() -> None:
    assert {word: REASONS[word] for word in INDIRECT_FOR} == breach.NOTICE_FOR and breach.ENDED_FOR == ENDS
    assert set(case.KINDS) == {ending.removeprefix(".") for ending in WRITERS}
    assert {what: dual_control.ACTS[what] for what in proposals.PROPOSABLE} == proposals.PROPOSABLE


def test_a_name_stands_for_one_act() -> None:
    room = Acts("toys", "Toys", "Toys.")

    def twice() -> None:
        room.does("play", "Play", "It is played.", whom=frozenset)(lambda office, by: Done())

    twice()
    with pytest.raises(ValueError, match="toys-play"):
        twice()


def test_what_is_asked_is_a_field_with_its_metadata() -> None:
    field = asked("Kind", names={"a": "Letter A"}, lines=3)
    assert (
        field.metadata["help"] == "Kind"
        and field.metadata["choices"] == ("a",)
        and field.default is dataclasses.MISSING
    )
